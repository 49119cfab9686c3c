# Filters that every manifest may use beside those of jq.
# (iso, epoch_s, epoch_ms, ldap_time, lower, host_of and ssh_fingerprint are native: see natives.rs.)

# What a vendor leaves empty instead of leaving it out.
def opt: if . == "" or . == [] or . == {} then null else . end;

# Plain text of an Atlassian document, one line for each paragraph; a text stays as it is.
def adf_text:
  def inline:
    if .type == "text" then (.text // "")
    elif .type == "hardBreak" then "\n"
    elif .type == "mention" or .type == "emoji" or .type == "status" then (.attrs.text // .attrs.shortName // "")
    elif .type == "inlineCard" or .type == "blockCard" or .type == "embedCard" then (.attrs.url // "")
    elif .type == "date" then (.attrs.timestamp // "" | tostring)
    else "" end;
  def leaf: .type == "paragraph" or .type == "heading" or .type == "codeBlock" or (.content | type) != "array";
  def lines:
    if (.content | type) != "array" then inline
    elif leaf then [.content[] | inline] | join("")
    else .content[] | lines end;
  if . == null then null
  elif type == "string" then .
  else [lines] | map(select(. != "")) | join("\n") end;
# The same without what is quoted: that is somebody else's word.
def adf_said:
  if type == "object" and (.content | type) == "array"
  then (.content |= map(select((.type // "") != "blockquote"))) else . end | adf_text;

# Plain text of wiki markup, without what is quoted.
def wiki_said:
  if type != "string" then null
  else gsub("(?s)\\{quote\\}.*?(\\{quote\\}|$)"; "\n")
    | gsub("\\{(code|noformat|color|panel)(:[^}\n]*)?\\}"; "")
    | gsub("\\[~(accountid:)?(?<who>[^\\]\n]*)\\]"; "@\(.who)")
    | gsub("\\[(?<text>[^|\\]\n]+)\\|[^\\]\n]*\\]"; .text)
    | split("\n") | map(rtrimstr("\r") | select(startswith("bq. ") | not)
        | gsub("(?<before>^|[^\\w])[*_+](?<in>[^\\s*_+][^*_+]*)[*_+](?<after>$|[^\\w])"; "\(.before)\(.in)\(.after)")) | join("\n") end;
def IN(source): . as $wanted | any(source; . == $wanted);
