package main

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"unicode"
)

const (
	headerFunction  = "Osv-Faas-Function"
	headerToken     = "Osv-Faas-Token"
	headerRequestID = "Osv-Faas-Request-Id"
	headerSignature = "Osv-Faas-Signature"
	headerError     = "Osv-Faas-Error"
	ownPrefix       = "Osv-Faas-"
)

// refusal is an answer of the agent's own; it becomes a problem document (RFC 9457).
type refusal struct {
	status    int
	reason    string
	detail    string
	component string
}

func (r *refusal) Error() string { return r.detail }

func refuse(status int, reason, detail string) *refusal {
	return &refusal{status, reason, detail, "agent"}
}

func refuseFunction(status int, reason, detail string) *refusal {
	return &refusal{status, reason, detail, "function"}
}

// titleOf makes "QueueFull" "Queue full": the title never varies for a reason.
func titleOf(reason string) string {
	var title strings.Builder
	for index, letter := range reason {
		if index > 0 && unicode.IsUpper(letter) {
			title.WriteByte(' ')
			letter = unicode.ToLower(letter)
		}
		title.WriteRune(letter)
	}
	return title.String()
}

// document is the body of the problem; extra members go into it.
func (r *refusal) document(requestID string, extra map[string]any) []byte {
	members := map[string]any{
		"type":      "urn:osv-faas:problem:" + r.reason,
		"title":     titleOf(r.reason),
		"status":    r.status,
		"detail":    r.detail,
		"component": r.component,
		"reason":    r.reason,
		"requestId": requestID,
	}
	for name, value := range extra {
		members[name] = value
	}
	body, _ := json.Marshal(members)
	return body
}

// send answers with the problem; nothing may have been sent before.
func (r *refusal) send(w http.ResponseWriter, requestID string, extra map[string]any) {
	body := r.document(requestID, extra)
	header := w.Header()
	header.Set("Content-Type", "application/problem+json")
	header.Set("Content-Length", strconv.Itoa(len(body)))
	header.Set(headerError, r.reason)
	w.WriteHeader(r.status)
	_, _ = w.Write(body)
}

func sendJSON(w http.ResponseWriter, value any) {
	body, _ := json.Marshal(value)
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body)
}
