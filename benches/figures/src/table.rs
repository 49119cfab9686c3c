//! One table, for people or as JSON.

use comfy_table::Table;
use serde_json::Value;

/// Prints rows of named figures; the names of the first row head the table.
pub fn print(title: &str, rows: &[Value], json: bool) {
    if json {
        println!("{}", serde_json::json!({ "bench": title, "rows": rows }));
        return;
    }
    let mut table = Table::new();
    let names: Vec<String> =
        rows.first().and_then(Value::as_object).map(|row| row.keys().cloned().collect()).unwrap_or_default();
    table.set_header(names.clone());
    for row in rows {
        table.add_row(names.iter().map(|name| match &row[name] {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            Value::Null => String::new(),
            other => other.to_string(),
        }));
    }
    println!("{title}\n{table}");
}
