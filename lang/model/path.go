package model

import "strings"

// NormalPath returns a path as Envoy compares it where Consul has it normalise and merge slashes, which it recommends for whoever matches on
// paths (RequestNormalization in the mesh config entry): backslashes are slashes, unreserved characters are not escaped, the hexadecimal digits of
// other escapes are as they were, dot segments are resolved (RFC 3986, section 6.2.2), and slashes are single.
func NormalPath(path string) string {
	path = unescaped(strings.ReplaceAll(path, `\`, "/"))
	var kept []string
	for i, segment := range strings.Split(path, "/") {
		last := i == strings.Count(path, "/")
		switch {
		case segment == "..":
			kept = kept[:max(len(kept)-1, 0)]
		case segment != "." && segment != "":
			kept = append(kept, segment)
			continue
		}
		if last && len(kept) > 0 {
			return "/" + strings.Join(kept, "/") + "/"
		}
	}
	return "/" + strings.Join(kept, "/")
}

// unescaped decodes the escapes of characters that need none.
func unescaped(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			if c, ok := unhex(s[i+1], s[i+2]); ok && unreserved(c) {
				b.WriteByte(c)
				i += 2
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

func unhex(high, low byte) (byte, bool) {
	h, l := strings.IndexByte(hexDigits, lower(high)), strings.IndexByte(hexDigits, lower(low))
	return byte(h<<4 | l), h >= 0 && l >= 0
}

const hexDigits = "0123456789abcdef"

func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

func unreserved(c byte) bool {
	return lower(c) >= 'a' && lower(c) <= 'z' || c >= '0' && c <= '9' || strings.IndexByte("-._~", c) >= 0
}
