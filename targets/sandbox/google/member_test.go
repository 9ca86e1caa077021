package google

import (
	"testing"
)

const pools = "//iam.googleapis.com/projects/123456789012/locations/global/workloadIdentityPools/ci/"

func TestNormalMember(t *testing.T) {
	tests := []struct{ want, text string }{
		{"allUsers", "allUsers"},
		{"allAuthenticatedUsers", "allAuthenticatedUsers"},
		{"user:ann@acme.example", "user:Ann@ACME.example"},
		{"group:ml+ops@acme.example", "group:ml+ops@acme.example"},
		{"serviceAccount:a@b-prod.iam.gserviceaccount.com", "serviceAccount:A@b-prod.iam.gserviceaccount.com"},
		{"serviceAccount:acme-prod.svc.id.goog[jobs/trainer]", "serviceAccount:acme-prod.svc.id.goog[jobs/trainer]"},
		{"domain:acme.example", "domain:Acme.Example"},
		{"deleted:user:ann@acme.example?uid=123", "deleted:user:Ann@acme.example?uid=123"},
		{"deleted:serviceAccount:a@b-prod.iam.gserviceaccount.com?uid=1", "deleted:serviceAccount:a@b-prod.iam.gserviceaccount.com?uid=1"},
		{"principal:" + pools + "subject/Repo:Main", "principal:" + pools + "subject/Repo:Main"},
		{"principalSet:" + pools + "attribute.repo/Acme/F", "principalSet:" + pools + "attribute.repo/Acme/F"},
		{"principalSet:" + pools + "group/Ops", "principalSet:" + pools + "group/Ops"},
		{"principalSet:" + pools + "*", "principalSet:" + pools + "*"},
		{"principalSet://cloudresourcemanager.googleapis.com/projects/1/type/ServiceAccount", "principalSet://cloudresourcemanager.googleapis.com/projects/1/type/ServiceAccount"},
		{"", ""},
		{"", "ann@acme.example"},
		{"", "user:"},
		{"", "user:ann"},
		{"", "user:ann@acme"},
		{"", "user: ann@acme.example"},
		{"", "user:ann@acme.example "},
		{"", "User:ann@acme.example"},
		{"", "serviceaccount:a@b-prod.iam.gserviceaccount.com"},
		{"", "allusers"},
		{"", "allUsers:x"},
		{"", "domain:acme"},
		{"", "projectOwner:acme-prod"},
		{"", "deleted:user:ann@acme.example"},
		{"", "deleted:user:ann@acme.example?uid=x"},
		{"", "deleted:domain:acme.example?uid=1"},
		{"", "principal:" + pools + "attribute.repo/x"},
		{"", "principalSet:" + pools + "subject/x"},
		{"", "principal://iam.googleapis.com/projects/acme-prod/locations/global/workloadIdentityPools/ci/subject/x"},
	}
	for _, tt := range tests {
		got, ok := normalMember(tt.text)
		if !ok {
			got = ""
		}
		if got != tt.want {
			t.Errorf("normalMember(%q) = %q, want %q", tt.text, got, tt.want)
		}
	}
}

func FuzzNormalMember(f *testing.F) {
	for _, seed := range []string{"user:Ann@acme.example", "deleted:user:a@b.cc?uid=1", "principalSet:" + pools + "*", "domain:x.yy", "allUsers", "a:b:c"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		once, ok := normalMember(text)
		if !ok {
			return
		}
		twice, ok := normalMember(once)
		if !ok || twice != once {
			t.Errorf("normalMember(%q) = %q, and of that %q, %v", text, once, twice, ok)
		}
	})
}
