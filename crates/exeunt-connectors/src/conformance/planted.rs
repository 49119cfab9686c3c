//! Secrets to plant: one of each known form, made of a seed, so that a test can search for them in everything that is kept.

/// Names and secrets. None of them was ever given out by anybody.
#[must_use]
pub fn planted(seed: u64) -> Vec<(&'static str, String)> {
    let mut chance = Chance(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    FORMS.iter().map(|(name, form)| (*name, chance.fill(form))).collect()
}

/// `A` stands for capital letters and digits, `a` for small ones and digits, `x` for letters and digits, `h` for
/// hexadecimal digits, `H` for capital ones, `9` for digits, each with how many; everything else stands for itself.
const FORMS: [(&str, &str); 45] = [
    ("personal access token of GitHub", "ghp_{x36}"),
    ("OAuth token of GitHub", "gho_{x36}"),
    ("installation token of GitHub", "ghs_{x36}"),
    ("refresh token of GitHub", "ghr_{x36}"),
    ("fine-grained token of GitHub", "github_pat_{x22}_{x59}"),
    ("personal access token of GitLab", "glpat-{x20}"),
    ("runner token of GitLab", "glrt-{x20}"),
    ("job token of GitLab", "glcbt-64_{x20}"),
    ("trigger token of GitLab", "glptt-{h40}"),
    ("deploy token of GitLab", "gldt-{x20}"),
    ("runner registration token of GitLab", "GR1348941{x20}"),
    ("bot token of Slack", "xoxb-{912}-{912}-{x24}"),
    ("user token of Slack", "xoxp-{911}-{911}-{912}-{h32}"),
    ("app token of Slack", "xapp-1-A{A9}-{912}-{a64}"),
    ("webhook of Slack", "https://hooks.slack.com/services/T{A8}/B{A8}/{x24}"),
    ("webhook of Discord", "https://discord.com/api/webhooks/{918}/{x68}"),
    ("webhook of Mattermost", "https://chat.acme.example/hooks/{a26}"),
    ("API token of Atlassian", "ATATT3xFfGF0{x180}={H8}"),
    ("app password of Bitbucket", "ATBB{x32}"),
    ("JSON web token", "eyJhbGciOi{x20}.eyJzdWIiOi{x60}.{x43}"),
    ("private key", "-----BEGIN OPENSSH PRIVATE KEY-----\n{x70}\n{x70}\n-----END OPENSSH PRIVATE KEY-----"),
    ("API key of Anthropic", "sk-ant-api03-{x93}AA"),
    ("API key of OpenAI", "sk-proj-{x74}T3BlbkFJ{x74}"),
    ("API key of Google", "AIza{x35}"),
    ("OAuth token of Google", "ya29.{x100}"),
    ("client secret of Google", "GOCSPX-{x28}"),
    ("client secret of Entra", "{x3}8Q~{x34}"),
    ("token of npm", "npm_{x36}"),
    ("token of PyPI", "pypi-AgEIcHlwaS5vcmc{x80}"),
    ("token of OpenBao or Vault", "hvs.{x90}"),
    ("access token of Synapse", "syt_{x12}_{q20}_{x6}"),
    ("token of Databricks", "dapi{h32}"),
    ("token of DigitalOcean", "dop_v1_{h64}"),
    ("key of Stripe", "sk_live_{x24}"),
    ("bcrypt hash", "$2b$12${x53}"),
    ("SHA-512 hash of Unix", "$6${x16}${x86}"),
    ("Argon2 hash", "$argon2id$v=19$m=65536,t=3,p=4${x22}${x43}"),
    ("directory hash", "{SSHA}{x38}"),
    ("Django hash", "pbkdf2_sha256$600000${x22}${x43}="),
    ("SCRAM verifier of PostgreSQL", "SCRAM-SHA-256$4096:{x22}==${x43}=:{x43}="),
    ("MD5 hash of PostgreSQL", "md5{h32}"),
    ("hash of MySQL", "*{H40}"),
    ("password in an address", "https://deploy:{x16}@git.acme.example/x"),
    ("token in an address", "https://acme.example/x?access_token={x24}&y=1"),
    ("header", "Bearer {x40}"),
];

struct Chance(u64);

impl Chance {
    /// Xorshift (Marsaglia 2003).
    fn next(&mut self) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 33) as usize
    }

    fn fill(&mut self, form: &str) -> String {
        let (mut text, mut rest) = (String::new(), form);
        while let Some((before, after)) = rest.split_once('{') {
            text.push_str(before);
            let (class, behind) = after.split_once('}').unwrap_or((after, ""));
            let count = class.get(1..).and_then(|count| count.parse::<usize>().ok());
            if let (Some(alphabet), Some(count)) = (alphabet(class), count) {
                text.extend((0..count).map(|_| char::from(alphabet[self.next() % alphabet.len()])));
            } else {
                text.push('{');
                text.push_str(class);
                text.push('}');
            }
            rest = behind;
        }
        text + rest
    }
}

fn alphabet(class: &str) -> Option<&'static [u8]> {
    Some(match class.as_bytes().first()? {
        b'A' => b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
        b'a' => b"abcdefghijklmnopqrstuvwxyz0123456789",
        b'x' => b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
        b'q' => b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
        b'h' => b"0123456789abcdef",
        b'H' => b"0123456789ABCDEF",
        b'9' => b"0123456789",
        _ => return None,
    })
}
