package evaluate

import (
	"errors"
	"math/big"

	"github.com/zclconf/go-cty/cty"
)

// The limits on what a policy may compute. A step is about a hundred nanoseconds, or a value of a few dozen bytes.
const (
	maxSteps     = 2_000_000  // of one expression
	maxAllSteps  = 30_000_000 // of a whole policy
	maxSize      = 100_000    // of one value, in steps
	maxValueDeep = 60         // lists and maps inside of one another
	maxExponent  = 4_000      // of a number, in bits: beyond a thousand digits nothing is counted
	keepCost     = 5          // steps that keeping a value costs, for each step of its size
	elementCost  = 25         // steps that an element of a list costs which nobody wrote by itself
	stepCost     = 4          // steps that an evaluation of a part costs by itself
	setCost      = 50         // steps that a call costs for each element of a set: cty puts them in order several times
	textStep     = 16         // bytes of a text that count as one step
	maxInstances = 10_000     // of one for_each
)

// errLimit ends an evaluation. It says nothing of where: whoever began it does.
var errLimit = errors.New("too much to compute")

// budget counts steps.
type budget struct {
	most  int  // for one expression
	left  int  // of this expression
	all   int  // of the policy
	short bool // the policy has less left than an expression may take
	over  bool // this expression has asked for more than there was
}

func newBudget() *budget { return &budget{most: maxSteps, all: maxAllSteps} }

// begin gives an expression its own limit.
func (b *budget) begin() {
	b.left, b.short, b.over = min(b.most, b.all), b.all < b.most, false
}

// spend takes steps, or says that there are none left.
func (b *budget) spend(steps int) error {
	if steps < 0 || b.over || steps > b.left {
		b.over = true
		return errLimit
	}
	b.left -= steps
	b.all -= steps
	return nil
}

// size counts the steps that a value is worth; an error for one that is too large, too deep, or holds a number too long to print.
func size(v cty.Value, most int) (int, error) {
	return weigh(v, most, maxValueDeep)
}

func weigh(v cty.Value, most, deep int) (int, error) {
	switch t := v.Type(); {
	case most <= 0 || deep <= 0:
		return 0, errLimit
	case !v.IsKnown() || v.IsNull():
		return 1, nil
	case t == cty.String:
		if steps := 1 + len(v.AsString())/textStep; steps <= most {
			return steps, nil
		}
		return 0, errLimit
	case t == cty.Number:
		if tooLong(v.AsBigFloat()) {
			return 0, errLimit
		}
		return 1, nil
	case !v.CanIterateElements():
		return 1, nil
	}
	return weighElements(v, most, deep)
}

func weighElements(v cty.Value, most, deep int) (int, error) {
	if v.LengthInt() > most {
		return 0, errLimit
	}
	if v.Type().IsSetType() {
		return 1 + v.LengthInt(), nil // they were weighed before they came into it, and cty puts them in order for whoever looks
	}
	total := 1
	for it := v.ElementIterator(); it.Next(); {
		k, e := it.Element()
		if k.Type() == cty.String {
			total += len(k.AsString()) / textStep
		}
		n, err := weigh(e, most-total, deep-1)
		if err != nil {
			return 0, err
		}
		total += n
	}
	return total, nil
}

func tooLong(n *big.Float) bool {
	e := n.MantExp(nil)
	return n.IsInf() || e > maxExponent || e < -maxExponent
}
