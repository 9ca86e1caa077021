package consul_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"

	"gatehouse/targets/sandbox/consul"
)

// A double in memory takes requests as a Consul agent does, and counts them.
func Example() {
	double, err := consul.Open("", "prod", consul.Options{DefaultPolicy: "allow"})
	if err != nil {
		fmt.Println(err)
		return
	}
	address, stop, err := double.Start()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer stop()

	entry := `{"Kind": "service-intentions", "Name": "feast-customer", "Sources": [
		{"Name": "fraud-trainer", "Action": "allow"},
		{"Name": "*",             "Action": "deny"}
	]}`
	fmt.Println(send("PUT", address+"/v1/config?cas=0", entry))
	fmt.Println(send("GET", address+"/v1/connect/intentions/check?source=fraud-trainer&destination=feast-customer", ""))
	fmt.Println(send("GET", address+"/v1/connect/intentions/check?source=notebook&destination=feast-customer", ""))
	fmt.Println(double.Writes(), "write,", double.Reads(), "reads")

	// Output:
	// true
	// {"Allowed":true}
	// {"Allowed":false}
	// 1 write, 2 reads
}

func send(method, url, body string) string {
	request, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		return err.Error()
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err.Error()
	}
	defer response.Body.Close()
	text, _ := io.ReadAll(response.Body)
	return string(text)
}
