package diag

import "testing"

func TestMasked(t *testing.T) {
	for _, row := range []struct{ want, line string }{
		{`address = "https://*********@consul.acme.example"`, `address = "https://me:secret@consul.acme.example"`},
		{`address = "https://***********@consul"`, `address = "https://me:sec@ret@@consul"`},
		{`address = "https://consul:8501?token=****&dc=a" # x`, `address = "https://consul:8501?token=abcd&dc=a" # x`},
		{`endpoint = "*********@localhost:80"`, `endpoint = "me:secret@localhost:80"`},
		{`service_account = "serviceAccount:a@b.example"`, `service_account = "serviceAccount:a@b.example"`},
		{`owner = "me@acme.example" # see https://wiki/x`, `owner = "me@acme.example" # see https://wiki/x`},
		{`issuer = "https://accounts.google.com" # by me@acme.example`, `issuer = "https://accounts.google.com" # by me@acme.example`},
	} {
		if got := masked(row.line); got != row.want || len(got) != len(row.line) {
			t.Errorf("%s\ngot  %s\nwant %s", row.line, got, row.want)
		}
	}
}
