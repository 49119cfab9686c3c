"""What a user would pick instead for saying whose an account is, on the same tables.

  rivals.py splink|joins ESTATE_DIR

`splink` (5.0): the record-linkage library on DuckDB, trained on the data, names weighed by how common they are, linked from a
probability of 0.95 on where one person is the best. `joins`: the plain
joins anybody would write: employee number, lower-case address, then a name that one person has. Each prints one line of JSON.
"""
import json, os, resource, sys, time

import duckdb

name, where = sys.argv[1], sys.argv[2]
con = duckdb.connect()
con.execute("set threads=2")
con.execute("set enable_progress_bar=false")
con.execute(f"create table people as select * from read_csv('{where}/people.csv', all_varchar=true)")
con.execute(f"create table accounts as select * from read_csv('{where}/accounts.csv', all_varchar=true)")
con.execute(f"create table owners as select * from read_csv('{where}/owners.csv', all_varchar=true) where relation='own'")
begun, before = time.perf_counter(), time.process_time()
# Every side is given clean columns: lower case, trimmed, without what stands after a plus.
con.execute("""create table p as select person_id as unique_id, 'p' as side, employee_no as employee_no,
  lower(trim(email)) as email, lower(given) as given, lower(family) as family from people""")
con.execute("""create table a as select account_id as unique_id, 'a' as side, nullif(employee_no, '') as employee_no,
  nullif(regexp_replace(lower(trim(email)), '\\+[^@]*@', '@'), '') as email,
  lower(split_part(display_name, ' ', 1)) as given, lower(split_part(display_name, ' ', 2)) as family
  from accounts where kind='human'""")
if name == "joins":
    con.execute("""create table linked as
      with k as (select a.unique_id a, p.unique_id p from a join p using (employee_no)),
      m as (select a.unique_id a, p.unique_id p from a join p using (email) where a.unique_id not in (select a from k)),
      u as (select given, family, min(unique_id) p from p group by 1, 2 having count(*) = 1),
      n as (select a.unique_id a, u.p from a join u using (given, family)
            where a.unique_id not in (select a from k) and a.unique_id not in (select a from m))
      select * from k union all select * from m union all select * from n""")
else:
    import splink.comparison_library as cl
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on
    # Names weigh by how common they are, or namesakes would be linked; the e-mail by whether it is the same or nearly.
    settings = SettingsCreator(
        link_type="link_only", unique_id_column_name="unique_id",
        comparisons=[cl.ExactMatch("employee_no"), cl.JaroWinklerAtThresholds("email", [0.95]),
                     cl.JaroWinklerAtThresholds("given", [0.92]).configure(term_frequency_adjustments=True),
                     cl.JaroWinklerAtThresholds("family", [0.92]).configure(term_frequency_adjustments=True)],
        blocking_rules_to_generate_predictions=[block_on("employee_no"), block_on("email"), block_on("family", "given")],
    )
    api = DuckDBAPI(connection=con)
    sides = [api.register("p", dataset_display_name="p"), api.register("a", dataset_display_name="a")]
    linker = Linker(sides, settings)
    linker.training.estimate_probability_two_random_records_match([block_on("employee_no"), block_on("email")], recall=0.7)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e7, seed=1)
    # Each column is trained where another holds the pairs together: the names and the address where the number is the same, the
    # number where the address is.
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("employee_no"), fix_u_probabilities=True)
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("email"), fix_u_probabilities=True)
    found = linker.inference.predict(threshold_match_probability=0.95)
    pairs = found.physical_name
    # One link for each account: the best, and none where two people are as good.
    con.execute(f"""create table linked as select a, p from (
      select a, p, w, rank() over (partition by a order by w desc) r, count(*) over (partition by a, w) c from (
        select case when source_dataset_l = 'a' then unique_id_l else unique_id_r end a,
               case when source_dataset_l = 'a' then unique_id_r else unique_id_l end p, match_weight w from {pairs}))
      where r = 1 and c = 1""")
seconds, cpu = time.perf_counter() - begun, time.process_time() - before
right, all_links = con.execute("""select count(*) filter (where o.person_id = l.p), count(*)
  from linked l join owners o on o.account_id = l.a""").fetchone()
humans = con.execute("select count(*) from owners").fetchone()[0]
print(json.dumps({
    "engine": name, "accounts": con.execute("select count(*) from accounts").fetchone()[0], "seconds": round(seconds, 2),
    "cpu seconds": round(cpu, 2), "peak MiB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    "precision": f"{right / max(1, all_links):.4f}", "recall": f"{right / humans:.4f}", "exact tier": "", "to confirm": "",
}))
