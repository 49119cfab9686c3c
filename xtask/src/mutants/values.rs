//! What a function could return without doing anything.

use syn::{GenericArgument, PathArguments, PathSegment, ReturnType, Type};

/// The values tried for a return type, as code; none for what cannot be made up.
pub fn of_return(output: &ReturnType) -> Vec<String> {
    match output {
        ReturnType::Default => vec!["()".to_owned()],
        ReturnType::Type(_, of) => of_type(of),
    }
}

fn of_type(of: &Type) -> Vec<String> {
    let text = |values: &[&str]| values.iter().map(|value| (*value).to_owned()).collect();
    match of {
        Type::Path(path) => path.path.segments.last().map(of_path).unwrap_or_default(),
        Type::Reference(reference) => match &*reference.elem {
            Type::Path(path) if path.path.is_ident("str") => text(&["\"\"", "\"other\""]),
            Type::Slice(_) => text(&["&[]"]),
            _ => Vec::new(),
        },
        Type::Tuple(tuple) => {
            let parts: Option<Vec<String>> =
                tuple.elems.iter().map(|part| of_type(part).into_iter().next()).collect();
            parts.map(|parts| vec![format!("({})", parts.join(", "))]).unwrap_or_default()
        }
        _ => Vec::new(),
    }
}

fn of_path(segment: &PathSegment) -> Vec<String> {
    let text = |values: &[&str]| values.iter().map(|value| (*value).to_owned()).collect();
    let inner = || argument(segment).map(of_type).unwrap_or_default();
    match segment.ident.to_string().as_str() {
        "bool" => text(&["true", "false"]),
        "u8" | "u16" | "u32" | "u64" | "usize" | "i8" | "i16" | "i32" | "i64" | "isize" => text(&["0", "1"]),
        "String" => text(&["String::new()", "\"other\".to_owned()"]),
        "Option" => std::iter::once("None".to_owned())
            .chain(inner().into_iter().map(|value| format!("Some({value})")))
            .collect(),
        "Result" => inner().into_iter().map(|value| format!("Ok({value})")).collect(),
        "Vec" => text(&["Vec::new()"]),
        "State" => text(&["State::Live", "State::Latent", "State::Unknown", "State::Gone"]),
        "Standing" => text(&["Standing::Holds", "Standing::Failed", "Standing::Unknown"]),
        "Ordering" => text(&["std::cmp::Ordering::Equal", "std::cmp::Ordering::Less"]),
        "Rc" | "Box" | "Cow" | "Self" => Vec::new(),
        _ => text(&["Default::default()"]),
    }
}

fn argument(segment: &PathSegment) -> Option<&Type> {
    let PathArguments::AngleBracketed(arguments) = &segment.arguments else { return None };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::Type(of) => Some(of),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::of_return;

    /// A function that may as well return nothing is one that no test needs.
    #[test]
    fn each_kind_of_value_has_its_emptiest() {
        let of = |text: &str| of_return(&syn::parse_str(text).expect("a return type"));
        assert_eq!(of("-> bool"), ["true", "false"]);
        assert_eq!(of("-> Option<(State, bool)>"), ["None", "Some((State::Live, true))"]);
        assert_eq!(of("-> Result<Vec<u8>, Error>"), ["Ok(Vec::new())"]);
        assert_eq!(of(""), ["()"]);
        assert!(of("-> impl Iterator<Item = u8>").is_empty());
    }
}
