package consul

import (
	"fmt"
	"hash/fnv"
	"io"
	"reflect"
)

// digest sums up what Consul compares to find that a write changes nothing: the normalised entry without its stamp. Like that
// comparison, it tells an absent list or map from an empty one, although both read back alike.
func digest(e entry) uint64 {
	h := fnv.New64a()
	walk(h, reflect.ValueOf(e))
	return h.Sum64() | 1
}

func walk(w io.Writer, v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			fmt.Fprint(w, "nil;")
			return
		}
		walk(w, v.Elem())
	case reflect.Struct:
		walkStruct(w, v)
	case reflect.Slice:
		if v.IsNil() {
			fmt.Fprint(w, "nil;")
			return
		}
		fmt.Fprintf(w, "[%d;", v.Len())
		for i := range v.Len() {
			walk(w, v.Index(i))
		}
	case reflect.Map:
		if v.IsNil() {
			fmt.Fprint(w, "nil;")
			return
		}
		fmt.Fprintf(w, "%#v;", v.Interface()) // fmt sorts the keys, at every depth
	default:
		fmt.Fprintf(w, "%q;", fmt.Sprint(v.Interface()))
	}
}

func walkStruct(w io.Writer, v reflect.Value) {
	for i := range v.NumField() {
		if v.Type().Field(i).Type == reflect.TypeFor[stamp]() {
			continue
		}
		fmt.Fprintf(w, "%s:", v.Type().Field(i).Name)
		walk(w, v.Field(i))
	}
}
