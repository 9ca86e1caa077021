package evaluate

import (
	"fmt"
	"strings"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
)

// What functions cost, in steps, before they run.

// linear is the cost of what looks at every part of its arguments.
func linear(args []cty.Value) (int, error) {
	total := 1
	for _, v := range args {
		n, err := size(v, maxSteps)
		if err != nil {
			return 0, err
		}
		total += 2 * n
		if v.Type().IsSetType() && v.IsKnown() && !v.IsNull() {
			total += setCost * v.LengthInt()
		}
	}
	return total, nil
}

// quadratic is the cost of comparing each element with each.
func quadratic(args []cty.Value) (int, error) {
	n, err := linear(args)
	if err != nil || n > maxSteps/10 {
		return maxSteps + 1, err
	}
	if v := args[0]; v.CanIterateElements() && v.LengthInt() > 0 {
		n *= 1 + v.LengthInt()/4
	}
	return n, nil
}

// letters is the cost of what makes something of each letter.
func letters(args []cty.Value) (int, error) {
	total := 1
	for _, v := range args {
		if v.Type() == cty.String && !v.IsNull() {
			total += len(v.AsString())
		}
	}
	return total, nil
}

// product is the cost of every combination.
func product(args []cty.Value) (int, error) {
	total := 1
	for _, v := range args {
		n, err := size(v, maxSize)
		if err != nil {
			return 0, err
		}
		if total *= n; total > maxSteps {
			return 0, errLimit
		}
	}
	return total * (1 + len(args)), nil
}

func joinCost(args []cty.Value) (int, error) {
	total, err := linear(args)
	for _, v := range args[1:] {
		if v.CanIterateElements() {
			total += v.LengthInt() * (1 + textLength(args[0])/textStep)
		}
	}
	return total, err
}

func textLength(v cty.Value) int {
	if v.Type() != cty.String || v.IsNull() {
		return 0
	}
	return len(v.AsString())
}

func replaceCost(args []cty.Value) (int, error) {
	total, err := linear(args)
	if args[0].IsNull() || args[1].IsNull() {
		return total, err
	}
	text, old := args[0].AsString(), args[1].AsString()
	if strings.HasPrefix(old, "/") && strings.HasSuffix(old, "/") && len(old) > 1 {
		return 0, fmt.Errorf("patterns are not replaced here, only texts as they stand")
	}
	return total + strings.Count(text, old)*(1+textLength(args[2])/textStep), err
}

// longestPattern bounds patterns, in bytes.
const longestPattern = 1000

func regexCost(args []cty.Value) (int, error) {
	total, err := linear(args)
	if textLength(args[0]) > longestPattern {
		return 0, fmt.Errorf("a pattern has at most %d bytes", longestPattern)
	}
	return total + 1000 + textLength(args[1])*(1+textLength(args[0])/textStep), err
}

// widest bounds the widths and precisions of a format.
const widest = 4 // digits

// formatCost counts a value for each verb, since one value may be printed many times. Numbers in texts count as numbers: %d takes them.
func formatCost(args []cty.Value) (int, error) {
	total, err := linear(args)
	if args[0].IsNull() {
		return total, err
	}
	format := args[0].AsString()
	digits := 0
	for _, c := range format {
		digits++
		if c < '0' || c > '9' {
			digits = 0
		}
		if digits > widest && strings.Contains(format, "%") {
			return 0, fmt.Errorf("a width in a format has at most %d digits", widest)
		}
	}
	for _, v := range args[1:] {
		if n, err := convert.Convert(v, cty.Number); err == nil && !n.IsNull() && tooLong(n.AsBigFloat()) {
			return 0, errLimit
		}
	}
	verbs := strings.Count(format, "%")
	if verbs > maxSteps/max(total, 1) {
		return 0, errLimit
	}
	return total + verbs*(total+10_000/textStep), err
}
