//! How a list seems to page, from the names of its parameters and of what stands beside its rows.

use super::description::ListOperation;

/// A paging rule, or the question which one it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Guessed {
    /// The lines of `paging`, without indentation.
    pub lines: Vec<String>,
    /// The parameter that asks for the largest page, if there is one.
    pub size: Option<String>,
}

/// The rule that fits the names. It says why, since a wrong rule loses rows.
pub(super) fn paging(operation: &ListOperation) -> Guessed {
    let asked = |names: &[&str]| {
        operation.query.iter().find(|query| names.contains(&query.to_lowercase().as_str())).cloned()
    };
    let beside = |names: &[&str]| {
        operation.beside.keys().find(|name| names.contains(&name.to_lowercase().as_str())).cloned()
    };
    let size = asked(&[
        "per_page",
        "perpage",
        "page_size",
        "pagesize",
        "limit",
        "maxresults",
        "max_results",
        "count",
        "$top",
    ]);
    let total = beside(&["total", "totalresults", "total_count", "totalcount", "totalitems"]);
    let lines = if operation.link_header {
        vec!["link: { about: \"the description gives a Link header\" }".to_owned()]
    } else if let Some(next) = beside(&["@odata.nextlink", "next_url", "nexturl", "nextlink"]) {
        vec![format!("next_url: {{ from: '.[\"{next}\"]' }}")]
    } else if let (Some(next), Some(into)) = (
        beside(&[
            "nextpagetoken",
            "next_page_token",
            "next_cursor",
            "nextcursor",
            "nexttoken",
            "next",
            "after",
            "last_id",
        ]),
        asked(&[
            "pagetoken",
            "page_token",
            "nextpagetoken",
            "cursor",
            "after",
            "next",
            "nexttoken",
            "continue",
            "after_id",
        ]),
    ) {
        vec![format!("cursor: {{ from: '.[\"{next}\"]', into: \"{into}\" }}")]
    } else if let (Some(start), Some(size)) =
        (asked(&["startat", "start", "offset", "startindex", "skip"]), &size)
    {
        let first = if start.eq_ignore_ascii_case("startIndex") { ", first: 1" } else { "" };
        let end = total.map_or_else(String::new, |total| format!(", total: '.[\"{total}\"]'"));
        vec![format!("offset: {{ start: \"{start}\"{first}, size: [\"{size}\", 100]{end} }}")]
    } else if asked(&["page", "cursor", "after", "pagetoken"]).is_some() {
        vec!["none: { because: \"DECIDE: it seems to page, and the description does not say how the list ends\" }".to_owned()]
    } else {
        vec![
            "none: { because: \"DECIDE: is the answer always the whole list? Say where that is written\" }"
                .to_owned(),
        ]
    };
    let counted = lines[0].starts_with("offset");
    Guessed { lines, size: size.filter(|_| !counted) }
}
