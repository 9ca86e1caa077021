package targets

import "time"

// Finding is one way in which a remote system's own settings weaken what the policy declares: a mesh that allows by default, a
// proxy that lets plaintext in, reads that nobody logs.
type Finding struct {
	Object  Key       `json:"object"` // where the setting stands; its name may be empty
	Detail  string    `json:"detail"`
	Remedy  string    `json:"remedy"`
	Default bool      `json:"default,omitempty"` // a mere default that nobody chose: worth a note, not an alarm
	Since   time.Time `json:"since,omitzero"`    // zero where the remote system does not tell
}

// Auditor is what a Driver may implement beside: it reads posture out of what Inspect has read. Pure, and in an order of its own
// that hangs on nothing but its input.
type Auditor interface {
	Posture(Live) []Finding
}
