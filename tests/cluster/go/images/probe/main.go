// Probe says from inside a pod what the pod can do.
//
//	probe say TEXT             prints TEXT
//	probe pause                waits for a signal
//	probe dial ADDRESS...      prints whether each TCP address accepts a connection, and why not
//	probe whoami               prints whom the API server takes the pod's service account for
//	probe write FILE TEXT      writes a file
package main

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

const account = "/var/run/secrets/kubernetes.io/serviceaccount/"

func main() {
	if len(os.Args) < 2 {
		fail(fmt.Errorf("expected a command: say, pause, dial, whoami or write"))
	}
	arguments := os.Args[2:]
	switch os.Args[1] {
	case "say":
		fmt.Println(arguments[0])
	case "pause":
		stop := make(chan os.Signal, 1)
		signal.Notify(stop, syscall.SIGINT, syscall.SIGTERM)
		<-stop
	case "dial":
		dial(arguments)
	case "whoami":
		fail(whoami())
	case "write":
		fail(os.WriteFile(arguments[0], []byte(arguments[1]), 0o644))
	default:
		fail(fmt.Errorf("unknown command %q", os.Args[1]))
	}
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func dial(addresses []string) {
	for _, address := range addresses {
		connection, err := net.DialTimeout("tcp", address, 2*time.Second)
		if err != nil {
			fmt.Printf("%s: not reached: %v\n", address, err)
			continue
		}
		connection.Close()
		fmt.Printf("%s: reached\n", address)
	}
}

func whoami() error {
	token, err := os.ReadFile(account + "token")
	if err != nil {
		return err
	}
	authority, err := os.ReadFile(account + "ca.crt")
	if err != nil {
		return err
	}
	trusted := x509.NewCertPool()
	trusted.AppendCertsFromPEM(authority)
	server := net.JoinHostPort(os.Getenv("KUBERNETES_SERVICE_HOST"), os.Getenv("KUBERNETES_SERVICE_PORT"))
	review := `{"apiVersion":"authentication.k8s.io/v1","kind":"SelfSubjectReview"}`
	url := "https://" + server + "/apis/authentication.k8s.io/v1/selfsubjectreviews"
	request, err := http.NewRequest(http.MethodPost, url, bytes.NewBufferString(review))
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+string(token))
	request.Header.Set("Content-Type", "application/json")
	client := http.Client{
		Timeout:   10 * time.Second,
		Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: trusted}},
	}
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	_, err = io.Copy(os.Stdout, response.Body)
	return err
}
