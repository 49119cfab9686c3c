# What this host says of who may act on it, for Exeunt. It only reads. It prints no password hash, no private
# key and no argument of a command; a file that a user owns is printed only where its lines have a public key.
#
# A line is a letter, a tab, and fields divided by tabs: X version, B section begins, R row, E section ends
# (ok, refused or missing, and why), Z the end. Whatever a file holds stands after an R, so that no file can
# imitate the end of a section.
#
# All of it is one function, called on the last line: a script that was cut off does nothing.
main() {
  LC_ALL=C TZ=UTC PATH=/usr/sbin:/usr/bin:/sbin:/bin
  export LC_ALL TZ PATH
  unset ENV CDPATH
  IFS=' 	
'
  tab='	'
  set -f
  me=$(id -u)
  can=
  as_root test -d / && can=yes
  users=$(getent passwd)
  most=1048576
  printf 'X\t1\t%s\t%s\t%s\n' "$(uname -n)" "$me" "$(date +%s)"
  host_accounts
  host_groups
  host_sshd
  host_keys
  host_trust
  host_sudo
  host_jobs
  host_sessions
  printf 'Z\n'
}

as_root() { if [ "$me" = 0 ]; then "$@"; else sudo -n -- "$@"; fi 2>/dev/null </dev/null; }
begin() { printf 'B\t%s\n' "$1"; state=ok why=; }
worse() { state=$1 why=$2; }
needs_root() { [ -n "$can" ] || worse refused 'sudo -n was refused'; }
end() { printf 'E\t%s\t%s\t%s\n' "$1" "$state" "$why"; }
known() { command -v "$1" >/dev/null 2>&1; }
# Each line of standard input after $1, which may hold what sed or awk would take for their own.
rows() { BEFORE="R$tab$1" awk '{ print ENVIRON["BEFORE"] $0 }'; }

host_accounts() {
  begin accounts
  [ -n "$users" ] || worse missing 'getent passwd gave nothing'
  printf '%s\n' "$users" | awk -F: -v OFS='\t' '{ print "R", "P", $1, $3, $4, $5, $6, $7 }'
  if hashes=$(as_root awk -F: -v OFS='\t' '{
      s = "set"; if ($2 == "") s = "empty"; else if ($2 ~ /^[!*]+$/) s = "none"; else if ($2 ~ /^!/) s = "locked"
      print "R", "S", $1, s, $3, $8 }' /etc/shadow); then
    printf '%s\n' "$hashes"
  else
    worse refused '/etc/shadow may not be read'
  fi
  end accounts
}

host_groups() {
  begin groups
  teams=$(getent group) && [ -n "$teams" ] || worse missing 'getent group gave nothing'
  printf '%s\n' "$teams" | awk -F: -v OFS='\t' '{ print "R", $1, $3, $4 }'
  end groups
}

# The configuration of every server that listens, as it says itself; without one, that of the package.
host_sshd() {
  servers=$(ps -eo args= 2>/dev/null | awk '/^sshd: .*\[listener\]/ { f = "-"; for (i = 1; i < NF; i++) if ($i == "-f") f = $(i + 1); print f }' | sort -u)
  [ -n "$servers" ] || servers=-
  settings= sshd_said=yes
  for server in $servers; do
    if [ "$server" = - ]; then said=$(as_root sshd -T) || sshd_said=
    else said=$(as_root sshd -T -f "$server") || sshd_said=
    fi
    settings="$settings
$said"
  done
  set +f
  matches=$(for server in $servers; do
    [ "$server" = - ] && server=/etc/ssh/sshd_config
    as_root grep -il '^[[:space:]]*match[[:space:]]' "$server" /etc/ssh/sshd_config.d/*.conf
  done)
  set -f
}
setting() { printf '%s\n' "$settings" | awk -v k="$1" '$1 == k { for (i = 2; i <= NF; i++) print $i }' | sort -u; }
# A setting as it holds for one user, where the configuration tells users apart.
setting_of() {
  if [ -z "$matches" ]; then setting "$1"; return; fi
  for server in $servers; do
    if [ "$server" = - ]; then as_root sshd -T -C "user=$2,host=$(uname -n),addr=127.0.0.1"
    else as_root sshd -T -f "$server" -C "user=$2,host=$(uname -n),addr=127.0.0.1"
    fi
  done | awk -v k="$1" '$1 == k { for (i = 2; i <= NF; i++) print $i }' | sort -u
}

# The path that a pattern of sshd names for a user: $1 pattern, $2 name, $3 home, $4 number.
expand() {
  left=$1 path=
  while :; do
    case $left in
      *%*)
        path=$path${left%%%*}; left=${left#*%}
        case $left in
          h*) path=$path$3 ;; u*) path=$path$2 ;; U*) path=$path$4 ;; %*) path=$path% ;; *) return 1 ;;
        esac
        left=${left#?} ;;
      *) path=$path$left; break ;;
    esac
  done
  case $path in /*) ;; *) path=$3/$path ;; esac
}

# The lines of a file that hold a public key; $1 what to write before them, $2 the file.
key_lines() {
  as_root test -e "$2" || return 0
  as_root test -f "$2" || { worse refused "$2 is no plain file"; return 0; }
  if text=$(as_root head -c "$most" -- "$2"); then
    [ "${#text}" -lt "$((most - 1))" ] || worse refused "$2 is larger than $most bytes"
    printf '%s\n' "$text" | grep -E '(ssh-[a-z0-9]+|ecdsa-sha2-[a-z0-9]+|sk-[a-z0-9-]+)(-cert-v01)?(@openssh\.com)?[[:space:]]+AAAA[A-Za-z0-9+/=]+' | sed -E 's/(command|environment)="([^"\\]|\\.)*"/\1=""/g' | rows "$1"
  else
    worse refused "$2 may not be read"
  fi
}

host_keys() {
  begin keys
  needs_root
  if [ -n "$sshd_said" ]; then
    count=0
    while IFS=: read -r name _ uid _ _ home _; do
      [ -n "$name" ] || continue
      count=$((count + 1))
      [ "$count" -le 2000 ] || { worse refused 'there are more than 2000 accounts'; break; }
      for pattern in $(setting_of authorizedkeysfile "$name"); do
        [ "$pattern" = none ] && continue
        if expand "$pattern" "$name" "$home" "$uid"; then key_lines "$name$tab$path$tab" "$path"
        else worse refused "the pattern $pattern is not known"
        fi
      done
    done <<EOF
$users
EOF
  elif known sshd; then worse refused 'sshd -T was refused'
  else worse missing 'there is no sshd in the usual places'
  fi
  end keys
}

host_trust() {
  begin trust
  needs_root
  if [ -z "$sshd_said" ]; then worse refused 'sshd -T was refused'; end trust; return; fi
  for key in usepam pubkeyauthentication passwordauthentication permitrootlogin allowtcpforwarding allowusers allowgroups denyusers denygroups revokedkeys authorizedkeyscommand authorizedkeyscommanduser authorizedprincipalscommand; do
    for value in $(setting "$key"); do printf 'R\tsetting\t%s\t%s\n' "$key" "$value"; done
  done
  [ -z "$matches" ] || printf 'R\tsetting\tmatch\tyes\n'
  for file in $(setting trustedusercakeys); do
    [ "$file" = none ] || key_lines "authority$tab$file$tab" "$file"
  done
  while IFS=: read -r name _ uid _ _ home _; do
    [ -n "$name" ] || continue
    for pattern in $(setting_of authorizedprincipalsfile "$name"); do
      [ "$pattern" = none ] && continue
      expand "$pattern" "$name" "$home" "$uid" || { worse refused "the pattern $pattern is not known"; continue; }
      as_root test -f "$path" || continue
      if text=$(as_root head -c "$most" -- "$path"); then
        printf '%s\n' "$text" | awk '/^[[:space:]]*(#|$)/ { next } { print $NF }' | rows "principal$tab$name$tab$path$tab"
      else worse refused "$path may not be read"
      fi
    done
  done <<EOF
$users
EOF
  end trust
}

sudo_file() {
  [ "$2" -le 16 ] || { worse refused "$1 is included too deep"; return; }
  if text=$(as_root head -c "$most" -- "$1"); then
    printf '%s\n' "$text" | rows "$1$tab"
    for included in $(printf '%s\n' "$text" | awk '$1 ~ /^[@#]include$/ { print $2 }'); do
      case $included in /*) ;; *) included=/etc/$included ;; esac
      sudo_file "$included" "$(($2 + 1))"
    done
    for folder in $(printf '%s\n' "$text" | awk '$1 ~ /^[@#]includedir$/ { print $2 }'); do
      case $folder in /*) ;; *) folder=/etc/$folder ;; esac
      as_root test -d "$folder" || continue
      inside=$(as_root ls -1 -- "$folder") || { worse refused "$folder may not be listed"; continue; }
      for one in $inside; do
        case $one in *.* | *~) ;; *) sudo_file "$folder/$one" "$(($2 + 1))" ;; esac
      done
    done
  else
    worse refused "$1 may not be read"
  fi
}

host_sudo() {
  begin sudo
  needs_root
  if [ -e /etc/sudoers ]; then sudo_file /etc/sudoers 1
  elif known sudo; then worse refused '/etc/sudoers is not where it is looked for'
  fi
  end sudo
}

# Schedule and program of each line of a table; $1 what to write before, $2 the file, $3 whether it names the user.
cron_table() {
  if text=$(as_root head -c "$most" -- "$2"); then
    printf '%s\n' "$text" | awk -v OFS='\t' -v named="$3" '
      /^[[:space:]]*(#|$)/ || /^[[:space:]]*[A-Za-z_][A-Za-z0-9_]*[[:space:]]*=/ { next }
      { n = ($1 ~ /^@/) ? 1 : 5; when = $1; for (i = 2; i <= n; i++) when = when " " $i
        user = ""; if (named) { user = $(n + 1); n++ }
        print user, when, $(n + 1) }' | rows "$1$2$tab"
  else
    worse refused "$2 may not be read"
  fi
}

host_jobs() {
  begin jobs
  needs_root
  for folder in /var/spool/cron/crontabs /var/spool/cron /var/spool/cron/tabs; do
    as_root test -d "$folder" || continue
    inside=$(as_root ls -1 -- "$folder") || { worse refused "$folder may not be listed"; continue; }
    for one in $inside; do
      as_root test -f "$folder/$one" && cron_table "cron$tab$one$tab" "$folder/$one" ''
    done
  done
  set +f
  for table in /etc/crontab /etc/cron.d/*; do
    [ -f "$table" ] && cron_table "crontab$tab-$tab" "$table" yes
  done
  set -f
  for folder in /var/spool/cron/atjobs /var/spool/at; do
    as_root test -d "$folder" || continue
    as_root find "$folder" -maxdepth 1 -type f ! -name '.*' -exec stat -c '%U %n' '{}' + | awk -v OFS='\t' '{ print $1, $2 }' | rows "at$tab"
  done
  [ ! -d /var/lib/systemd/linger ] || ls -1 /var/lib/systemd/linger | rows "linger$tab"
  while IFS=: read -r name _ _ _ _ home _; do
    [ -n "$name" ] || continue
    as_root test -d "$home/.config/systemd/user" || continue
    as_root find "$home/.config/systemd/user" -maxdepth 2 -name '*.timer' | rows "timer$tab$name$tab"
  done <<EOF
$users
EOF
  set +f
  for unit in /etc/systemd/system/*.service; do
    [ -f "$unit" ] && sed -n 's/^User=//p' "$unit" | rows "unit$tab$unit$tab"
  done
  set -f
  end jobs
}

host_sessions() {
  begin sessions
  if ps -eo pid=,sess=,uid=,tty=,lstart=,comm= >/dev/null 2>&1; then
    [ "$me" = 0 ] || ! grep -q 'hidepid=[12ip]' /proc/mounts || worse refused '/proc hides the processes of others'
    # Our own: from this shell up to the server that let us in, sudo in between.
    one=$$ ours=' '
    for _ in 1 2 3 4 5 6; do
      session=$(ps -o sess= -p "$one" | tr -d ' ')
      ours="$ours$session "
      printf 'R\town\t%s\n' "$session"
      [ "$(ps -o comm= -p "$one")" = sshd ] && break
      one=$(ps -o ppid= -p "$one" | tr -d ' ')
      [ "${one:-0}" -gt 1 ] || break
    done
    ps -eo pid=,sess=,uid=,tty=,lstart=,comm= | awk -v OFS='\t' -v ours="$ours" '
      $3 >= 1000 || $4 != "?" || index(ours, " " $2 " ") { print "R", "process", $1, $2, $3, $4, $5 " " $6 " " $7 " " $8 " " $9, $10 }'
  else
    worse missing 'ps cannot list sessions here'
  fi
  end sessions
}

main </dev/null
