package cli

import (
	"fmt"
	"net/url"
	"os"
	"strconv"
	"strings"

	"gatehouse/compiler/access"
	"gatehouse/targets/consul"
)

// consulConfig says how to reach the Consul of one environment. The policy's address wins, and a variable that contradicts it is an
// error, so that nobody applies production's policy to the Consul that a shell happens to point at. alone says that the selected
// environments are all on one Consul: only then does the shell's own token count.
func consulConfig(env access.Environment, alone bool, getenv func(string) string) (consul.Config, error) {
	address, err := consulAddress(env, getenv("CONSUL_HTTP_ADDR"))
	if err != nil {
		return consul.Config{}, err
	}
	token, err := consulToken(env.Name, alone, getenv)
	if err != nil {
		return consul.Config{}, err
	}
	insecure := false
	if verify := getenv("CONSUL_HTTP_SSL_VERIFY"); verify != "" {
		v, err := strconv.ParseBool(verify)
		if err != nil {
			return consul.Config{}, fmt.Errorf("CONSUL_HTTP_SSL_VERIFY=%q: want true or false", verify)
		}
		insecure = !v
	}
	return consul.Config{
		Address:    address,
		Datacenter: env.Consul.Datacenter,
		Partition:  env.Consul.Partition,
		Namespace:  env.Consul.Namespace,
		Token:      token,
		TLS: consul.TLS{
			CAFile:             getenv("CONSUL_CACERT"),
			CAPath:             getenv("CONSUL_CAPATH"),
			CertFile:           getenv("CONSUL_CLIENT_CERT"),
			KeyFile:            getenv("CONSUL_CLIENT_KEY"),
			ServerName:         getenv("CONSUL_TLS_SERVER_NAME"),
			InsecureSkipVerify: insecure,
		},
	}, nil
}

func consulAddress(env access.Environment, variable string) (string, error) {
	switch policy := env.Consul.Address; {
	case policy == "" && variable == "":
		return "", fmt.Errorf("environment %q has no Consul address: set address in its consul block, or CONSUL_HTTP_ADDR (or try --sandbox)", env.Name)
	case policy == "":
		return withScheme(variable), nil
	case variable != "" && origin(policy) != origin(withScheme(variable)):
		return "", fmt.Errorf("CONSUL_HTTP_ADDR is %s, but environment %q is at %s: unset the variable, or select another environment", variable, env.Name, policy)
	default:
		return policy, nil
	}
}

// withScheme completes an address as Consul's own command does: host:port means http.
func withScheme(address string) string {
	if strings.Contains(address, "://") {
		return address
	}
	return "http://" + address
}

// origin reduces an address to what two spellings of one server share.
func origin(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	host := strings.ToLower(u.Host)
	if u.Port() == "" {
		host += map[string]string{"https": ":443", "http": ":80"}[u.Scheme]
	}
	return u.Scheme + "://" + host
}

// consulToken finds the token of one environment: its own variable or file first, then Consul's, where no other environment could be
// meant.
func consulToken(environment string, alone bool, getenv func(string) string) (string, error) {
	names := []string{"GATEHOUSE_CONSUL_TOKEN_" + variableOf(environment)}
	if alone {
		names = append(names, "CONSUL_HTTP_TOKEN")
	}
	for _, name := range names {
		if token := getenv(name); token != "" {
			return token, nil
		}
		file := getenv(name + "_FILE")
		if file == "" {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			return "", fmt.Errorf("%s_FILE: %w", name, err)
		}
		return strings.TrimSpace(string(text)), nil
	}
	return "", nil
}

// variableOf spells an environment's name as a part of a variable's name: us-east becomes US_EAST.
func variableOf(environment string) string {
	return strings.ToUpper(strings.ReplaceAll(environment, "-", "_"))
}
