// Package sandbox is what the local doubles of remote systems have in common: state in a file that several processes may use at the
// same time (Store), a record of the calls on the wire (Recorder), faults to order (Faults), and a listener on the loopback
// interface (Serve, Start). The doubles themselves stand in a folder each, such as sandbox/consul.
//
// A double is the embedded default of the product and the ground of its tests. It is not a server to put on a network: it has no
// TLS, trusts whoever connects, and keeps one machine's files.
package sandbox
