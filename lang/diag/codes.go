package diag

import "slices"

// Code names a kind of diagnostic. Codes are stable: scripts and suppressions rely on them.
type Code string

// The codes. Each stands in the catalogue below with what it means; the corpus has a case for each.
const (
	// Reading files.

	SkippedFile    Code = "skipped-file"
	UnreadableFile Code = "unreadable-file"

	TooLarge      Code = "too-large"
	TooDeep       Code = "too-deep"
	InvalidText   Code = "invalid-text"
	InvalidSyntax Code = "invalid-syntax"

	// Blocks, labels and attributes.

	NoPolicy           Code = "no-policy"
	SecondPolicy       Code = "second-policy"
	UnsupportedVersion Code = "unsupported-version"
	UnknownBlock       Code = "unknown-block"
	UnknownAttribute   Code = "unknown-attribute"
	MissingAttribute   Code = "missing-attribute"
	MissingBlock       Code = "missing-block"
	DuplicateAttribute Code = "duplicate-attribute"
	DuplicateBlock     Code = "duplicate-block"
	WrongLabels        Code = "wrong-labels"
	WrongType          Code = "wrong-type"
	UnsupportedExpr    Code = "unsupported-expression"
	InvalidName        Code = "invalid-name"
	InvalidValue       Code = "invalid-value"
	InvalidTime        Code = "invalid-time"
	EmptyList          Code = "empty-list"
	EmptyMatch         Code = "empty-match"
	RepeatedElement    Code = "repeated-element"

	// References and names.

	UnknownReference  Code = "unknown-reference"
	WrongReference    Code = "wrong-reference"
	DuplicateName     Code = "duplicate-name"
	NotInEnvironment  Code = "not-in-environment"
	MissingTarget     Code = "missing-target"
	InvalidTemplate   Code = "invalid-template"
	InvalidRemoteName Code = "invalid-remote-name"
	CoincidingNames   Code = "coinciding-names"
	SharedIdentity    Code = "shared-identity"
	Cycle             Code = "cycle"

	// Variables and expressions.

	InvalidExpr      Code = "invalid-expression"
	UnknownFunction  Code = "unknown-function"
	ExpressionLimit  Code = "expression-limit"
	UnsetVariable    Code = "unset-variable"
	UnknownVariable  Code = "unknown-variable"
	InvalidInput     Code = "invalid-input"
	FailedValidation Code = "failed-validation"

	// Access.

	EmptyInterval      Code = "empty-interval"
	ConflictingShared  Code = "conflicting-shared-identity"
	InseparableActions Code = "inseparable-actions"
	IneffectiveAllow   Code = "ineffective-allow"
	RedundantAllow     Code = "redundant-allow"
	ExpiredAllow       Code = "expired-allow"
	EmptyGroup         Code = "empty-group"

	UnsupportedCrossing Code = "unsupported-crossing"
	NotHTTP             Code = "not-http"
	UnnormalisedPath    Code = "unnormalised-path"
	LiteralWildcard     Code = "literal-wildcard"
	ShadowedRequest     Code = "shadowed-request"
	DeniedAllow         Code = "denied-allow"
	IneffectiveDeny     Code = "ineffective-deny"
	FailedTest          Code = "failed-test"

	// Guardrails.

	UnknownPack      Code = "unknown-pack"
	GuardrailFolder  Code = "guardrail-folder"
	BrokenGuardrail  Code = "broken-guardrail"
	GuardrailFinding Code = "guardrail-finding"
	UnknownGuardrail Code = "unknown-guardrail"

	// Targets.

	NotApplied  Code = "not-applied"
	OverLimit   Code = "over-limit"
	ProofFailed Code = "proof-failed"
)

// Entry explains a code.
type Entry struct {
	Code    Code
	Meaning string // what is wrong
	Remedy  string // what to do about it
}

// Stage is a part of the work, with the codes that it reports.
type Stage struct {
	Name    string // such as: Reading files
	Entries []Entry
}

// Stages returns every code with its explanation, by the stages that report them, in their order.
func Stages() []Stage {
	out := slices.Clone(stages)
	for i := range out {
		out[i].Entries = slices.Clone(out[i].Entries)
	}
	return out
}

// Catalogue returns every code with its explanation, in the order of the stages that report them.
func Catalogue() []Entry {
	var out []Entry
	for _, s := range stages {
		out = append(out, s.Entries...)
	}
	return out
}

var stages = []Stage{
	{"Reading files", []Entry{
		{SkippedFile, "A link to a folder, or a file with almost the name of a policy file, is no part of the policy.", "Move the folder to the link's place; let the file's name end in .gate.hcl or .gate.json."},
		{UnreadableFile, "A policy file or a folder of the policy can't be read, or is a pipe or a device.", "Make it a readable file or folder, or take it out of the policy's folder."},
		{TooLarge, "A file is larger than a policy file may be.", "Split the file: all files below the root belong to the policy."},
		{TooDeep, "Brackets, templates or blocks are nested deeper than the limit, which protects the parser.", "Flatten the expression."},
		{InvalidText, "A file is not UTF-8, or holds a NUL byte.", "Save it as UTF-8 text."},
		{InvalidSyntax, "The text is not HCL.", "Mend the text at the place shown."},
	}},
	{"Blocks, labels and attributes", []Entry{
		{NoPolicy, "No gatehouse block was found here or in a folder above.", "Run gatehouse init, or change to the folder of the policy."},
		{SecondPolicy, "More than one gatehouse block lies in one tree.", "Keep the one at the root; all folders below it belong to it."},
		{UnsupportedVersion, "The policy asks for another version of Gatehouse.", "Install a version that required_version takes in, or change the constraint."},
		{UnknownBlock, "No such block exists here.", "Check the spelling against the blocks that the message lists."},
		{UnknownAttribute, "The block has no such attribute.", "Check the spelling against the attributes that the message lists."},
		{MissingAttribute, "A required attribute is missing.", "Add the attribute."},
		{MissingBlock, "A required block is missing, or a store has no surface.", "Add the block."},
		{DuplicateAttribute, "An attribute is set twice.", "Keep one of them."},
		{DuplicateBlock, "A block that may stand once stands twice.", "Merge the two."},
		{WrongLabels, "A block has too few or too many labels.", "Write the labels as the message shows."},
		{WrongType, "A value is of another type than the attribute.", "Write a value of the type that the message names."},
		{UnsupportedExpr, "An expression stands where the value itself must stand, as in the gatehouse block, or something was meant that the parser takes for one, such as a date without quotes.", "Write the value out, and texts and times in quotes."},
		{InvalidName, "A name is not made of a-z, 0-9, - and _, a letter first, at most 63 characters.", "Choose another name."},
		{InvalidValue, "A value is not one of those allowed.", "Choose one that the message lists."},
		{InvalidTime, "A time is not RFC 3339, or a duration can't be read.", "Write times as 2027-03-01T00:00:00Z and durations as 720h."},
		{EmptyList, "A list that must name something is empty.", "Name at least one element, or delete the block."},
		{EmptyMatch, "A group matches on no label, which would mean everything.", "Name a label, or list the workloads."},
		{RepeatedElement, "A list names the same thing twice.", "Delete the repetition."},
	}},
	{"References and names", []Entry{
		{UnknownReference, "Nothing of that name is declared.", "Check the spelling, or declare it."},
		{WrongReference, "The reference is to a kind of thing that can't stand here.", "Refer to one of the kinds that the message lists."},
		{DuplicateName, "Two blocks of one type have the same name.", "Rename one of them; names are unique in a whole policy."},
		{NotInEnvironment, "An override or a condition speaks of an environment that the thing is not in.", "Add the environment to the thing, or delete the override."},
		{MissingTarget, "A surface exists in an environment that lacks the target that would carry it.", "Add the target's block to the environment, or take the environment away."},
		{InvalidTemplate, "A naming template can't be evaluated.", "Templates see name, environment and labels."},
		{InvalidRemoteName, "The remote system would refuse the name.", "Choose a name by the rule that the message quotes."},
		{CoincidingNames, "Two resources have the same remote name.", "Give one of them another name."},
		{SharedIdentity, "Two workloads are one principal in the remote system, so that each has the other's access.", "Give each workload an identity of its own."},
		{Cycle, "Declarations are made of each other in a circle.", "Break the circle at one of the places shown."},
	}},
	{"Variables and expressions", []Entry{
		{InvalidExpr, "An expression can't be evaluated.", "Mend the part that the message shows."},
		{UnknownFunction, "There is no function of that name.", "Check the spelling against the functions of the reference."},
		{ExpressionLimit, "An expression computes more than a policy may, or a for_each declares more.", "Write less at once, or generate the policy's files."},
		{UnsetVariable, "A variable has neither a default nor a value.", "Give a value with --var, --var-file or GATEHOUSE_VAR_NAME, or write a default."},
		{UnknownVariable, "A flag or a file gives a value to a variable that the policy doesn't declare.", "Correct the name, or leave it out."},
		{InvalidInput, "A value from outside can't be read, or is not of its variable's type.", "Give a value as the message says."},
		{FailedValidation, "A variable has a value that its validation refuses.", "Give a value that meets the condition shown."},
	}},
	{"Access", []Entry{
		{EmptyInterval, "An interval ends before it begins.", "Put expires after not_before."},
		{ConflictingShared, "One principal is allowed as one workload and denied as another.", "Separate the identities, or drop the allow."},
		{InseparableActions, "One action is allowed and the other denied where the target can't tell them apart.", "Deny both, or allow both."},
		{IneffectiveAllow, "An allow gives nothing in any environment, or in one that it names.", "Declare both ends in a common environment, or delete the allow."},
		{RedundantAllow, "An allow gives nothing that another one doesn't give, at least as long.", "Delete it, or narrow the other one."},
		{ExpiredAllow, "An allow has ended.", "Extend it or delete it."},
		{EmptyGroup, "A group has no member in any environment.", "Check the labels, or delete the group."},
		{UnsupportedCrossing, "An allow crosses environments where the target can't express it: a mesh knows its own services only.", "Take the store out of the allow, or run both environments on one Consul."},
		{NotHTTP, "An http block narrows what doesn't speak HTTP.", "Refer to the online surface of a store whose protocol is http, http2 or grpc, or delete the http block."},
		{UnnormalisedPath, "A path is not as proxies normalise it before they compare it, so that it matches nothing or something else.", "Write the path that the message shows."},
		{LiteralWildcard, "A path holds a star or a brace, as patterns of other languages do: here it stands for itself.", "Write a prefix, or a regex."},
		{ShadowedRequest, "Requests are allowed or denied that a wider pattern covers already.", "Delete the narrower pattern, or narrow the wider one."},
		{DeniedAllow, "All that an allow declares is denied, or all that a part of it does.", "Delete the allow, or narrow the deny."},
		{IneffectiveDeny, "A deny is against nobody, or guards nothing that exists.", "Check its ends, or delete it."},
		{FailedTest, "A test expects access that the policy doesn't give, or no access where it gives some.", "Correct the policy, or the test."},
	}},
	{"Guardrails", []Entry{
		{UnknownPack, "The policy asks for a pack of built-in guardrails that does not exist.", "Choose one that the message lists."},
		{GuardrailFolder, "A folder of guardrails does not exist, holds no rule, or lies outside the policy.", "Name a folder below the policy's root that holds .rego files."},
		{BrokenGuardrail, "A guardrail can't be compiled, or would pass in silence.", "Correct the rule at the place shown."},
		{GuardrailFinding, "A guardrail refuses or warns about a declaration.", "Do what the guardrail's remedy says."},
		{UnknownGuardrail, "An exception waives a guardrail that does not exist, or one that can't be waived.", "Write the id of one guardrail, as gatehouse guardrails list shows it."},
	}},
	{"Targets", []Entry{
		{NotApplied, "Access is declared that no target applies yet: the language, the graph and the guardrails know it, and nothing is written for it.", "Grant it by other means for now; what is declared stays true for review."},
		{OverLimit, "A compiled object exceeds a limit of the remote system or of ours.", "Split the access as the message says."},
		{ProofFailed, "What was compiled does not mean what was declared.", "This is a defect of Gatehouse: report it with the policy."},
	}},
}

// Explain returns the catalogue's entry for a code.
func Explain(c Code) (Entry, bool) {
	for _, s := range stages {
		if i := slices.IndexFunc(s.Entries, func(e Entry) bool { return e.Code == c }); i >= 0 {
			return s.Entries[i], true
		}
	}
	return Entry{}, false
}
