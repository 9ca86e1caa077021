package diag

import (
	"regexp"
	"strings"
)

// credentials are what a URL may hold that nobody should read in the log of a check: a user with a password, and parameters that are called
// like secrets. Without a scheme, a user and a password stand behind a quote.
var credentials = regexp.MustCompile(`://[^\s"'/]*@|["'][^\s"':/@]+:[^\s"'/]+@|(?i:[?&](?:access_token|token|password|passwd|secret|key|api_key)=)[^\s"'&]+`)

// member is how Google writes principals, which have a colon and an at sign as well.
var member = regexp.MustCompile(`^["'](?:user|serviceAccount|group|domain|principal|principalSet|deleted):`)

// masked hides credentials in a line of source. Its length in bytes stays, so that what is underlined stays underlined; a policy that holds
// credentials is refused, and its owner sees the line in the file.
func masked(line string) string {
	if !strings.ContainsAny(line, "@?") {
		return line
	}
	return credentials.ReplaceAllStringFunc(line, func(found string) string {
		switch {
		case member.MatchString(found):
			return found
		case strings.HasPrefix(found, "://"):
			return "://" + strings.Repeat("*", len(found)-len("://@")) + "@"
		case strings.HasSuffix(found, "@"):
			return found[:1] + strings.Repeat("*", len(found)-2) + "@"
		}
		name, value, _ := strings.Cut(found, "=")
		return name + "=" + strings.Repeat("*", len(value))
	})
}
