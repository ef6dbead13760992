// Generated from docs/openapi.yaml by "npm run types". Not edited by hand.

export interface paths {
    "/v1/certificates": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List certificates, newest first
         * @description Any filters together: a certificate is listed that all of them fit. Newest first; by expiry, soonest first, with `expires_after` or
         *     `expires_before`, and the one that ended last first with `status=expired`; in the order of names with a suffix or `prefix`.
         *     A request looks at a bounded number of entries: where few of them match, the page is short, or empty, `partial` says so, and `next`
         *     goes on from there.
         */
        get: operations["listCertificates"];
        put?: never;
        /**
         * Issue a certificate for a CSR
         * @description The CSR must prove possession of its key. A name, usage or lifetime that may not be had refuses the whole request and
         *     names the field; nothing is trimmed. With an `Idempotency-Key` a retry answers with the same certificate.
         *     Without a CSR, in the words of CFSSL (`{"CN", "hosts", "names", "key"}`), the key is made here where the profile says `make_keys`, and
         *     told once: as JSON, as the last answer of its connection. There `Idempotency-Key` is refused, and a certificate whose answer could not
         *     be sent is revoked.
         */
        post: operations["issueCertificate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/certificates/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * All certificates in one answer, for spreadsheets and other programs
         * @description Made while it is sent, in the order of the list: as they were when their part was made, and without those issued meanwhile. With
         *     `as_of` the inventory of that moment. An answer that ends
         *     without its last chunk was cut off, and is not whole. What a spreadsheet would take for a formula has an apostrophe before it.
         */
        get: operations["exportCertificates"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/certificates/counts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * How many certificates have each value of one filter
         * @description Kept by the view with every event, never counted when asked; certificates that the view has forgotten are not in them. Of the status:
         *     good, held, revoked and expired as the filter has them, ended before `counted_at`, a full hour.
         */
        get: operations["countCertificates"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/certificates/expiry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * When certificates end
         * @description Bins begin at full hours or days of UTC. Kept by the view with every event.
         */
        get: operations["expiryHistogram"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/certificates/issuance": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * How many certificates were issued, and taken back
         * @description By the time of the event. Kept by the view with every event; what the view has forgotten of certificates stays in it.
         */
        get: operations["issuanceRate"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/certificates/{serial}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One certificate, decoded */
        get: operations["showCertificate"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/certificates/{serial}/renew": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What the proof of a renewal must sign
         * @description The challenge is no secret, and each certificate has its own. Nobody need say who they are.
         */
        get: operations["renewalChallenge"];
        put?: never;
        /**
         * Renew a certificate
         * @description No token: whoever holds the old key may. The proof is one of two, or none for who asked for the certificate (below).
         *
         *     - `signature`: made by the key of the old certificate over the four lines
         *       `quicklime-renew-v1\n<serial>\n<challenge>\n<SHA-256 of the CSR's DER, hex>\n`, as keys of its kind sign: what `openssl
         *       dgst -sha256 -sign` makes for P-256 and RSA, `-sha384` for P-384, `-sha512` for P-521, and `openssl pkeyutl -sign -rawin`
         *       for Ed25519. The serial and the hash are lower-case hex.
         *     - The old certificate itself, as TLS client certificate. It may have expired, within `renewal.after_expiry`. A gateway
         *       hands it on in the header `Client-Cert`, which is believed of the TLS peer whose certificate names the role of
         *       `listen.gateway` (`URI:quicklime:role/gateway`) and ignored from anyone else; that peer's own certificate is no proof.
         *
         *     The CSR carries a new key. It asks for no name at all or for exactly those of the old certificate; the new one has the
         *     same names, profile, service and node, and lives as long as the old one was to live, or shorter if `lifetime` says so.
         *     Longer only for an administrator, whose credentials come beside the proof (of a token that was revoked before the request
         *     was written down: 403); a signature is then over five lines,
         *     `quicklime-renew-v2\n<serial>\n<challenge>\n<SHA-256 of the CSR's DER, hex>\n<lifetime in seconds>\n`, which are taken
         *     for equal and shorter lifetimes too.
         *
         *     Without a proof, with the requester's token that asked for the certificate or for the first of its line: the profile and the names must be within
         *     what it may ask for now. Of anybody else's certificate: 403.
         *
         *     A certificate has one successor: of two renewals at once one is answered with a certificate and the other with 409. The
         *     same request again (the same key, names and lifetime; a proof made anew does not matter) is answered with the same
         *     certificate, with and without `Idempotency-Key`. A successor that is revoked makes its predecessor renewable again.
         */
        post: operations["renewCertificate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/certificates/{serial}/revoke": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Revoke a certificate
         * @description As administrator, as who asked for it (or for the first of its line of renewals; of any other serial 403), or without a token by the
         *     revocation secret or by the key: a signature over
         *     `quicklime-revoke-v1\n<serial>\n<reason>\n` (signed as a renewal's proof is, the reason as in Reason, `unspecified` where
         *     none is given). Revoking twice is no error: the first date stays, and only keyCompromise changes the reason.
         *     `Prefer: wait=2` waits until this role's view has applied the event. With an `Idempotency-Key` a retry is answered as the first
         *     request was; it is the same when it orders the same, however that is spelled and proved.
         *
         *     keyCompromise blocks the key: it gets no certificate, is no proof for a renewal of any certificate that has it, and its
         *     signature revokes for keyCompromise alone. The answer names what is still live and may be in the same hands: `same_key` and
         *     `successors`. `same_key` and `with_successors` in the request take them back too; the secret and a requester cover neither, the
         *     key (for keyCompromise) `same_key` only.
         */
        post: operations["revokeCertificate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/certificates/{serial}/hold": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Put a certificate on hold (administrator)
         * @description With an `Idempotency-Key` a retry is answered as the first request was, whatever was done in between.
         */
        post: operations["holdCertificate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/certificates/{serial}/release": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * End a hold (administrator)
         * @description By a token, it is answered once it was judged: a token that was revoked before the request was written down releases
         *     nothing (403). 503 when that could not be seen in time: ask again. With an `Idempotency-Key` a retry is
         *     answered as the first request was, whatever was done in between.
         */
        post: operations["releaseCertificate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/revocations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Revoke by secret without naming the serial, or many serials at once (administrator, or who asked for all of them)
         * @description With an `Idempotency-Key` a retry is answered as the first request was, and what a first one that was cut off did not get to is
         *     done.
         */
        post: operations["revokeMany"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/cfssl/info": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** CFSSL: the issuing CA's certificate, and what a profile gives */
        post: operations["cfsslInfo"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/cfssl/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** CFSSL: whether it answers */
        get: operations["cfsslHealth"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/cfssl/certinfo": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** CFSSL: what a certificate says, whoever issued it */
        post: operations["cfsslCertinfo"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/cfssl/sign": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * CFSSL: a certificate for a request
         * @description What POST /v1/certificates gives, in the words of CFSSL. Who does not say who asks gets 401: whoever knows no tokens asks at authsign.
         */
        post: operations["cfsslSign"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/cfssl/authsign": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * CFSSL: the same, proved by the auth key of a token
         * @description `request` is the body of sign as JSON, with the id of the token as `label`; `token` is its HMAC-SHA256 by `cfssl_auth_key`, which POST /v1/tokens tells
         *     once. Both in base64.
         */
        post: operations["cfsslAuthsign"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/cfssl/newkey": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** CFSSL: a key and a request, made here, where the profile says make_keys */
        post: operations["cfsslNewkey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/cfssl/newcert": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * CFSSL: a key and its certificate, made here, where the profile says make_keys
         * @description The key is told once and not kept: a certificate whose answer could not be sent is revoked. The last answer of its connection.
         */
        post: operations["cfsslNewcert"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/cfssl/revoke": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** CFSSL: revoke by the serial in decimal; a requester what he asked for */
        post: operations["cfsslRevoke"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/cfssl/crl": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** CFSSL: the CRL of the issuing authority, as base64 of its DER */
        get: operations["cfsslCrl"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/authorities": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Roots and issuing authorities */
        get: operations["listAuthorities"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/lineages/{service}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * All certificates of a service over time, by node
         * @description Who sees his own certificates alone sees the lanes of those.
         */
        get: operations["showLineage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How far this view is behind the log, and until when the CRLs are good */
        get: operations["health"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What happened, newest first; or what happens, as it happens
         * @description With `Accept: text/event-stream` the answer goes on for as long as the client reads: server-sent events, each as soon as the view
         *     knows it, with its position as `id`, its type as `event`, and as `data` what the list shows of it; a comment every 15 seconds where
         *     nothing happens. It begins behind `Last-Event-ID`, else behind `after`, else with what happens next, and ends when the token
         *     does. Events come in the order of the log, none is left out; one that the broker stored twice comes twice, with the same `id` in its
         *     data. No event shows a secret, a hash of one, or a certificate (docs/events has all their members).
         */
        get: operations["listEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sign-in": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How one may sign in */
        get: operations["signInWays"];
        put?: never;
        /**
         * Exchange a password or a one-time URL for a session
         * @description Whoever it is not hears `sign-in-failed`, alike for every reason and not at once. The same exchange is made by `Authorization: Basic`,
         *     by a provider's JWT in `Authorization: Bearer` and by a client certificate of this CA, on every route that asks who one is.
         */
        post: operations["signIn"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sign-in/{provider}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Sign in at a provider, in a browser (code and PKCE) */
        get: operations["beginSignIn"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sign-in/{provider}/callback": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Where the provider sends the browser back to
         * @description The query is the provider's: `code`, `state`, `iss`, or `error`.
         */
        get: operations["finishSignIn"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/me": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who asks, and what he may do */
        get: operations["whoAmI"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Sessions, newest first; one's own, and for administrators and auditors everybody's */
        get: operations["listSessions"];
        put?: never;
        /** Let a command line be who one is (`quicklime login`) */
        post: operations["approveSession"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sessions/current/extend": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Keep one's session, as long as something is done */
        post: operations["extendSession"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sessions/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** End a session: one's own (`current`), or as administrator any */
        delete: operations["endSession"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/users": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** People of this CA, and whoever else was disabled */
        get: operations["listUsers"];
        put?: never;
        /** Make a person of this CA; he sets his password by the one-time URL in this answer */
        post: operations["createUser"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/users/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One of them */
        get: operations["showUser"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/users/{id}/grant": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Change what a person may do, or his name; it ends his sessions */
        post: operations["grantUser"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/users/{id}/disable": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Let a person of any provider sign in no more; it ends his sessions */
        post: operations["disableUser"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/users/{id}/enable": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Let him sign in again */
        post: operations["enableUser"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/users/{id}/one-time": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** A one-time URL, by which a person sets a new password */
        post: operations["oneTimeUrl"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/users/{id}/password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Set one's own password; it ends all one's sessions */
        put: operations["setPassword"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/rules": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What people of directories and providers may do */
        get: operations["listRules"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/rules/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** What somebody with these claims would be */
        post: operations["testRules"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/rules/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Set a rule; it ends the sessions of its provider */
        put: operations["setRule"];
        post?: never;
        /** Remove a rule; it ends the sessions of its provider */
        delete: operations["removeRule"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Tokens, never their text (administrator, auditor) */
        get: operations["listTokens"];
        put?: never;
        /** Create an API token (administrator); its text is in this answer only */
        post: operations["createToken"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tokens/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Revoke a token (administrator) */
        delete: operations["revokeToken"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tokens/{id}/proof": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Whether a request of CFSSL's clients is signed with the auth key of this token; asked by quicklime-issuance */
        post: operations["proveByAuthKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/version": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What is running */
        get: operations["version"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Leads a browser to the dashboard */
        get: operations["root"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ui": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The same */
        get: operations["page"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ui/{file}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The dashboard, for browsers
         * @description A file of the front end; its page for a path without a file's ending. Names under `assets/` never change their contents.
         */
        get: operations["pageFile"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ocsp": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** OCSP (RFC 6960) */
        post: operations["ocspPost"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ocsp/{request}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** OCSP by GET (RFC 6960 appendix A) */
        get: operations["ocspGet"];
        put?: never;
        /** The same as POST /ocsp, for clients that put a slash behind it */
        post: operations["ocspPostBelow"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/crl/{authority}.crl": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The full CRL of an authority (RFC 5280), DER */
        get: operations["crl"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ca/{authority}.crt": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The certificate of an authority, DER (authority information access) */
        get: operations["authorityCertificate"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ca/{authority}.pem": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The authority and what is above it, root included, PEM */
        get: operations["authorityChain"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ca/roots.pem": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Every root, PEM */
        get: operations["roots"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        CfsslAnswer: {
            success: boolean;
            result: unknown;
            errors: {
                code: number;
                message: string;
            }[];
            messages: unknown[];
        };
        /** @description What its clients write there when they ask for nothing (crl_override and others, empty) may stand there, too */
        CfsslSignRequest: {
            /** @description PKCS#10 as PEM */
            certificate_request: string;
            /** @description The names, instead of those of the request; none: those of the request */
            hosts?: string[] | null;
            /** @description The same, with commas between them */
            hostname?: string | null;
            /** @description Of this CA; none: tls-server */
            profile?: string | null;
            /**
             * @description How long it lives
             * @example 24h
             */
            expiry?: string | null;
            /** @description Of authsign: the id of the token */
            label?: string | null;
            crl_override?: string | null;
        };
        CfsslAuthenticatedRequest: {
            token: string;
            request: string;
            timestamp?: number | null;
            remote_address?: string | null;
        };
        /** @description A certificate whose key is made here. Profiles may allow no subject but a CN */
        CfsslKeyRequest: {
            CN?: string | null;
            hosts?: string[] | null;
            names?: {
                C?: string;
                ST?: string;
                L?: string;
                O?: string;
                OU?: string;
            }[] | null;
            key?: {
                /** @example ecdsa */
                algo?: string;
                /** @example 256 */
                size?: number;
            } | null;
            /** @description Not within newcert */
            profile?: string | null;
        };
        KeyIssueRequest: {
            CN?: string | null;
            hosts?: string[] | null;
            names?: Record<string, never>[] | null;
            key?: {
                /** @example ecdsa */
                algo?: string;
                /** @example 256 */
                size?: number;
            } | null;
            /** @default tls-server */
            profile: string | null;
            lifetime?: components["schemas"]["Duration"];
            service?: string | null;
            node?: string | null;
        };
        CfsslNewKey: {
            /** @description PKCS#8 as PEM */
            private_key: string;
            certificate_request: string;
            /** @description MD5 and SHA-1 of the DER, as CFSSL has them */
            sums: Record<string, never>;
        };
        /**
         * @description Hex, any case, colons allowed in requests; lower case in answers
         * @example 5f0c2a9e41b7d3c80d1e2f3a4b5c6d7e
         */
        Serial: string;
        /** @example 0.42 */
        Position: string;
        /** @example 90d */
        Duration: string;
        /**
         * @description RFC 5280 section 5.3.1, any letter case
         * @default unspecified
         * @enum {string}
         */
        Reason: "unspecified" | "keyCompromise" | "cACompromise" | "affiliationChanged" | "superseded" | "cessationOfOperation" | "certificateHold" | "privilegeWithdrawn" | "aACompromise";
        IssueRequest: {
            /** @description PKCS#10 as PEM */
            csr: string;
            /** @default tls-server */
            profile: string;
            lifetime?: components["schemas"]["Duration"];
            /** @description Recorded as asked; groups a service's certificates */
            service?: string;
            /** @description Recorded as asked */
            node?: string;
            /**
             * @description Which one is to issue it; without, as the profile says, else the newest that may
             * @example issuing-2
             */
            authority?: string;
        };
        IssuedCertificate: {
            serial: components["schemas"]["Serial"];
            /** @description PEM */
            certificate: string;
            /** @description PEM, issuer first, root left out */
            chain: string;
            /** @description PKCS#8 as PEM, where it was made here */
            private_key?: string;
            /**
             * @example [
             *       "DNS:api.internal"
             *     ]
             */
            names: string[];
            profile: string;
            /** Format: date-time */
            not_before: string;
            /** Format: date-time */
            not_after: string;
            replaces?: components["schemas"]["Serial"];
            /** @description What the proof of a renewal signs */
            renewal_challenge: string;
            /** @description Revokes this certificate, by itself, even when its key is lost */
            revocation_secret: string;
            position: components["schemas"]["Position"];
        };
        RenewRequest: {
            /** @description PKCS#10 as PEM or base64 of DER */
            csr: string;
            /** @description By the old key, base64; without it the TLS client certificate is the proof */
            signature?: string;
            lifetime?: components["schemas"]["Duration"];
        };
        RenewalChallenge: {
            serial: components["schemas"]["Serial"];
            renewal_challenge: string;
            position: components["schemas"]["Position"];
        };
        /**
         * @description As OCSP says it. A certificate that a renewal has replaced (`replaced_by`) stays good until it ends or is revoked
         * @enum {string}
         */
        Status: "good" | "held" | "revoked";
        Event: {
            position: components["schemas"]["Position"];
            /** Format: date-time */
            time: string;
            /** @description certificate.issued, token.revoked, ... */
            type: string;
            id: string;
            actor: {
                kind: string;
                id: string;
            };
            /** @description For whom the actor asked */
            on_behalf_of?: string;
            /** @description X-Request-Id of the request that caused it */
            request: string;
            traceparent?: string;
            /** @description Whom it is about: a serial, an authority, a token */
            subject?: string;
            /** @description The event's own members, as docs/events describes them, without secrets and DER */
            data: Record<string, never>;
        };
        CertificateSummary: {
            serial: components["schemas"]["Serial"];
            names: string[];
            status: components["schemas"]["Status"];
            expired: boolean;
            reason?: components["schemas"]["Reason"];
            /** Format: date-time */
            revoked_at?: string;
            /** @description The successor. The certificate stays good: revoke it to end it sooner */
            replaced_by?: components["schemas"]["Serial"];
            profile: string;
            authority: string;
            service?: string;
            node?: string;
            /**
             * @description Of a renewal: whoever asked for the first of its line
             * @example token:ci
             */
            requester?: string;
            /** @description For whom the requester said it asked (Quicklime-On-Behalf-Of) */
            requested_for?: string;
            /** @description Only there when true: whoever asked for it had been revoked before it was written, and the process that issued it did not know yet. It stands; look at it */
            author_revoked?: boolean;
            /**
             * @description Kind of its key; `other` for one that this program does not know
             * @example P-256
             */
            key: string;
            /**
             * Format: date-time
             * @description Two thirds of its life
             */
            renewal_due: string;
            /** @description Only there when true, and with `as_of`: it was held and released so often since that how it stood then is in the log alone */
            status_unknown?: boolean;
            /** @description Only there when true: good, renewal_due has passed, and it has no successor */
            overdue?: boolean;
            /** Format: date-time */
            not_before: string;
            /** Format: date-time */
            not_after: string;
            /** Format: date-time */
            issued_at: string;
        };
        CertificateDetail: components["schemas"]["CertificateSummary"] & {
            /** @description PEM */
            certificate: string;
            /** @description PEM, issuer first, root left out */
            chain: string;
            sha256: string;
            key_sha256: string;
            /** @description Of what the profile said when it issued, hex */
            profile_sha256?: string;
            /** @description What happened to it, oldest first */
            history?: components["schemas"]["HistoryEntry"][];
            /** @description Only there when true: more than a hundred things happened, and the oldest of them are in the log alone */
            history_cut?: boolean;
            /** @description The moment or position that was asked for */
            as_of?: string;
            /** Format: date-time */
            forgotten_before?: string;
            replaces?: components["schemas"]["Serial"];
            issued_position?: components["schemas"]["Position"];
            position: components["schemas"]["Position"];
            age_seconds: number;
        };
        HistoryEntry: {
            /** @enum {string} */
            what: "issued" | "held" | "released" | "revoked" | "renewed";
            position: components["schemas"]["Position"];
            /** Format: date-time */
            time: string;
            reason?: components["schemas"]["Reason"];
            /** @description Of renewed */
            successor?: components["schemas"]["Serial"];
        };
        Counts: {
            by: string;
            values: {
                value: string;
                count: number;
            }[];
            /** @description Certificates that the view has, with the filter's value or without */
            total: number;
            /** @description Cursor of more values; absent on the last */
            next?: string;
            /**
             * Format: date-time
             * @description Of the status: what ended before this counts as expired
             */
            counted_at?: string;
            position: components["schemas"]["Position"];
            age_seconds: number;
        };
        ExpiryHistogram: {
            /** @enum {string} */
            bin: "hour" | "day";
            bins: {
                /** Format: date-time */
                from: string;
                good: number;
                held: number;
                revoked: number;
            }[];
            position: components["schemas"]["Position"];
            age_seconds: number;
        };
        IssuanceRate: {
            /** @enum {string} */
            bin: "hour" | "day";
            bins: {
                /** Format: date-time */
                from: string;
                /** @description Renewals among them */
                issued: number;
                renewed: number;
                revoked: number;
            }[];
            position: components["schemas"]["Position"];
            age_seconds: number;
        };
        Span: {
            /** Format: date-time */
            from: string;
            /** Format: date-time */
            until: string;
        };
        Lineage: {
            service: string;
            nodes: {
                /** @description Empty: those without a node */
                node: string;
                /**
                 * @description covered: a good certificate now; overdue: the good one that ends last is past two thirds of its life and has no successor; ended: none is good now
                 * @enum {string}
                 */
                state: "covered" | "overdue" | "ended";
                /** @description Newest first */
                certificates: components["schemas"]["CertificateSummary"][];
                /** @description When none of these was good, from the first on until now */
                gaps: components["schemas"]["Span"][];
                /** @description When more than one was */
                overlaps: components["schemas"]["Span"][];
            }[];
            /** @description Cursor of older ones; absent on the last */
            next?: string;
            /** Format: date-time */
            forgotten_before?: string;
            position: components["schemas"]["Position"];
            age_seconds: number;
        };
        Health: {
            /** @description Events between this view and the end of the log */
            lag: number;
            crls: {
                authority: string;
                /**
                 * @description due: past two thirds of its life; none: never published
                 * @enum {string}
                 */
                state: "current" | "due" | "ended" | "none";
                /** @description What happened up to this position is in it: epoch * 2^64 + offset */
                number?: string;
                /** Format: date-time */
                this_update?: string;
                /** Format: date-time */
                next_update?: string;
                /** Format: date-time */
                published_at?: string;
                published_position?: components["schemas"]["Position"];
            }[];
            position: components["schemas"]["Position"];
            age_seconds: number;
        };
        StatusAnswer: {
            serial: components["schemas"]["Serial"];
            status: components["schemas"]["Status"];
            reason?: components["schemas"]["Reason"];
            /** Format: date-time */
            revoked_at?: string;
            position: components["schemas"]["Position"];
        };
        /**
         * @description The live certificates with the same key, too
         * @default false
         */
        SameKey: boolean;
        /**
         * @description As administrator; the live certificates that were renewed from these, over any number of steps, too
         * @default false
         */
        WithSuccessors: boolean;
        /** @description Of a revocation for keyCompromise, after it; for another reason (a hold, too) of what same_key and with_successors asked for. Live is not revoked, nor on hold after a hold; what has ended counts until the views let it go, since a clock may be ahead. */
        Remaining: {
            /** @description Live certificates with the key */
            same_key?: components["schemas"]["Serial"][];
            /** @description Live certificates that were renewed from a certificate with the key; a thief may have had them made */
            successors?: components["schemas"]["Serial"][];
            /** @description There may be others: 500 are named at most, or the view has not applied the event yet, or there are more than one request looks at (100,000 for an administrator, 5,000 for others) */
            more?: boolean;
        };
        Authority: {
            id: string;
            parent?: string;
            subject: string;
            /** @description PEM */
            certificate: string;
            serial: components["schemas"]["Serial"];
            sha256?: string;
            /** @example P-256 */
            key: string;
            /** @description It issued, and the view has; for who sees everything */
            certificates?: number;
            /** @description Of them good or held, and not ended before this full hour */
            live?: number;
            /** @description It issues nothing more; its CRLs and OCSP go on */
            retired?: boolean;
            /** @description Of a root: the one whose place it takes; what was issued below that one is renewed below this one */
            succeeds?: string;
            /** @description How many authorities may stand below it; absent */
            path_length?: number;
            /**
             * @description Which names may stand below it
             * @example permits DNS:home.lan, IP:10.0.0.0/8
             */
            name_constraints?: string;
            reason?: components["schemas"]["Reason"];
            /**
             * Format: date-time
             * @description By its parent; with reason there when it is revoked, and then it issues nothing
             */
            revoked_at?: string;
            /** Format: date-time */
            not_before: string;
            /** Format: date-time */
            not_after: string;
        };
        Session: {
            /** @description 16 hex digits */
            session: string;
            user: string;
            name: string;
            /** @enum {string} */
            method: "password" | "directory" | "browser" | "assertion" | "certificate" | "one-time" | "approved";
            provider: string;
            /** @enum {string} */
            role: "requester" | "agent" | "auditor" | "administrator";
            profiles: string[];
            names: string[];
            /** Format: date-time */
            created: string;
            /**
             * Format: date-time
             * @description Unless it is extended
             */
            not_after: string;
            /** Format: date-time */
            ends: string;
            /** Format: date-time */
            ended?: string;
            /** @enum {string} */
            status: "live" | "expired" | "ended";
            /** @description Wrong passwords for this name since the success before */
            failures: number;
            /** @description It is the one that asks */
            current: boolean;
        };
        SignedIn: {
            session: components["schemas"]["Session"];
            /** @description qls_...: for `Authorization: Bearer`; shown once, and not with a cookie */
            text?: string;
            position: components["schemas"]["Position"];
        };
        SignInWays: {
            banner?: string;
            ways: {
                /** @enum {string} */
                way: "password" | "directory" | "browser";
                provider?: string;
                url?: string;
            }[];
        };
        Me: {
            actor: {
                kind: string;
                id: string;
            };
            name: string;
            /** @enum {string} */
            role: "requester" | "agent" | "auditor" | "administrator";
            profiles: string[];
            /** @description Of a session */
            names?: string[];
            session?: components["schemas"]["Session"];
        };
        User: {
            /** @description `local:alice`; of another provider nothing but that he is disabled stands here */
            user: string;
            name?: string;
            /** @enum {string} */
            role?: "requester" | "agent" | "auditor" | "administrator";
            profiles?: string[];
            names?: string[];
            enabled: boolean;
            has_password?: boolean;
            /** Format: date-time */
            created?: string;
            /** Format: date-time */
            changed?: string;
        };
        OneTime: {
            /** @description For the person; shown once */
            one_time_url: string;
            /** @description The token in it */
            one_time: string;
            /** Format: date-time */
            one_time_not_after: string;
        };
        Rule: {
            rule: string;
            provider: string;
            when: string[];
            /** @enum {string} */
            role: "requester" | "agent" | "auditor" | "administrator";
            profiles: string[];
            names: string[];
            /** Format: date-time */
            changed: string;
        };
        Granted: {
            matches: string[];
            role: string;
            profiles: string[];
            names: string[];
        };
        Token: {
            id: string;
            name: string;
            role: string;
            profiles: string[];
            names: string[];
            /** Format: date-time */
            created: string;
            /** Format: date-time */
            not_after: string;
            /** @enum {string} */
            status: "live" | "expired" | "revoked";
            single_use?: boolean;
            /** @description Of single_use: the user whom it signs in */
            owner?: string;
        };
        Problem: {
            /** @example https://quicklime.dev/errors#name-not-granted */
            type: string;
            title: string;
            status: number;
            detail?: string;
            instance?: string;
            request_id?: string;
            errors?: {
                pointer?: string;
                reason?: string;
            }[];
        };
    };
    responses: {
        /** @description What is wrong, and what to do (RFC 9457) */
        Problem: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Too many requests of this address failed to say who asks, or whoever asks has asked too often in this second (`limits`); nothing was done */
        Limited: {
            headers: {
                "Retry-After"?: number;
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description As CFSSL says it; the message begins with the reason that docs/errors.md explains */
        CfsslProblem: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["CfsslAnswer"];
            };
        };
        /** @description The same, and nothing was done */
        CfsslLimited: {
            headers: {
                "Retry-After"?: number;
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["CfsslAnswer"];
            };
        };
    };
    parameters: {
        Serial: components["schemas"]["Serial"];
        /** @example issuing-1 */
        Authority: string;
        /**
         * @description For whom a requester or an administrator asks: printable, recorded in the event (`requested_for`), and no ground of any decision
         * @example kubernetes:system:serviceaccount:shop:api
         */
        OnBehalfOf: string;
        /**
         * @description W3C Trace Context, recorded in the event; what is not well-formed is as if it were not there
         * @example 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01
         */
        TraceParent: string;
        IdempotencyKey: string;
        /**
         * @description As certificates show it, percent-encoded
         * @example shop
         */
        Service: string;
        /** @description What somebody typed: a serial (hex, with colons or without; decimal), a SHA-256 fingerprint of a certificate, a name, a domain suffix (`.internal`), else what names begin with */
        Search: string;
        /** @description A name, or a domain suffix: `.internal` */
        Name: string;
        /**
         * @description What a name begins with, without its kind
         * @example api.
         */
        NamePrefix: string;
        /** @description Of the certificate's DER, hex, with colons or without */
        Fingerprint: string;
        /** @description good and held: those that have not ended. Good also has those that a renewal has replaced */
        StatusFilter: "good" | "held" | "revoked" | "expired";
        /** @description Good, past two thirds of its life, and without a successor; the one that became due last first */
        Renewal: "overdue";
        /**
         * @description A past moment (RFC 3339), or a position of the log: what there was then, and how it stood. `replaced_by` is there when the successor was. 409 `as-of-forgotten` where the view has forgotten what had not ended then
         * @example 2026-06-01T12:00:00Z
         */
        AsOf: string;
        MinPosition: components["schemas"]["Position"];
    };
    requestBodies: never;
    headers: {
        /** @description Position of the event, or of the view that answered */
        Position: components["schemas"]["Position"];
    };
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    listCertificates: {
        parameters: {
            query?: {
                limit?: number;
                /** @description From `next` of the page before */
                cursor?: string;
                /** @description What somebody typed: a serial (hex, with colons or without; decimal), a SHA-256 fingerprint of a certificate, a name, a domain suffix (`.internal`), else what names begin with */
                search?: components["parameters"]["Search"];
                /** @description A name, or a domain suffix: `.internal` */
                name?: components["parameters"]["Name"];
                /**
                 * @description What a name begins with, without its kind
                 * @example api.
                 */
                prefix?: components["parameters"]["NamePrefix"];
                /** @description Of the certificate's DER, hex, with colons or without */
                sha256?: components["parameters"]["Fingerprint"];
                /** @description good and held: those that have not ended. Good also has those that a renewal has replaced */
                status?: components["parameters"]["StatusFilter"];
                /** @description Good, past two thirds of its life, and without a successor; the one that became due last first */
                renewal?: components["parameters"]["Renewal"];
                service?: string;
                node?: string;
                profile?: string;
                /** @example issuing-1 */
                authority?: string;
                /**
                 * @description Kind of key, as certificates show it
                 * @example P-256
                 */
                key?: string;
                /** @description As certificates show it: `token:0f3a...`, `user:local:alice`. Who sees his own alone finds nothing of others */
                requester?: string;
                /** @description At this moment or later */
                issued_after?: string;
                issued_before?: string;
                /** @description At this moment or later; sorted by expiry then, soonest first */
                expires_after?: string;
                /** @description Sorted by expiry then, soonest first */
                expires_before?: string;
                /**
                 * @description A past moment (RFC 3339), or a position of the log: what there was then, and how it stood. `replaced_by` is there when the successor was. 409 `as-of-forgotten` where the view has forgotten what had not ended then
                 * @example 2026-06-01T12:00:00Z
                 */
                as_of?: components["parameters"]["AsOf"];
            };
            header?: {
                "Quicklime-Min-Position"?: components["parameters"]["MinPosition"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page */
            200: {
                headers: {
                    "Quicklime-Position": components["headers"]["Position"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        certificates: components["schemas"]["CertificateSummary"][];
                        /** @description Cursor of the next page; absent on the last */
                        next?: string;
                        /** @description How many entries of indexes and certificates were looked at for this page */
                        examined: number;
                        /** @description The page ends because enough was looked at, not because it is full: ask on with `next` */
                        partial: boolean;
                        /** @description The moment or position that was asked for */
                        as_of?: string;
                        /**
                         * Format: date-time
                         * @description What ended before this is in the log alone; absent: nothing is
                         */
                        forgotten_before?: string;
                        position: components["schemas"]["Position"];
                        /** @description How far behind the log this view may be */
                        age_seconds: number;
                    };
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
            429: components["responses"]["Limited"];
            503: components["responses"]["Problem"];
        };
    };
    issueCertificate: {
        parameters: {
            query?: {
                /** @description With a bare PKCS#10 body */
                profile?: string;
                /** @description With a bare PKCS#10 body */
                lifetime?: components["schemas"]["Duration"];
                /** @description With a bare PKCS#10 body */
                service?: string;
                /** @description With a bare PKCS#10 body */
                node?: string;
                /** @description With a bare PKCS#10 body */
                authority?: string;
            };
            header?: {
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
                /**
                 * @description For whom a requester or an administrator asks: printable, recorded in the event (`requested_for`), and no ground of any decision
                 * @example kubernetes:system:serviceaccount:shop:api
                 */
                "Quicklime-On-Behalf-Of"?: components["parameters"]["OnBehalfOf"];
                /**
                 * @description W3C Trace Context, recorded in the event; what is not well-formed is as if it were not there
                 * @example 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01
                 */
                traceparent?: components["parameters"]["TraceParent"];
                "Quicklime-Min-Position"?: components["parameters"]["MinPosition"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "csr": "-----BEGIN CERTIFICATE REQUEST-----\n...\n-----END CERTIFICATE REQUEST-----\n",
                 *       "profile": "tls-server",
                 *       "lifetime": "30d"
                 *     }
                 */
                "application/json": components["schemas"]["IssueRequest"] | components["schemas"]["KeyIssueRequest"];
                "application/pkcs10": string;
            };
        };
        responses: {
            /** @description Issued; the event is durable */
            201: {
                headers: {
                    "Quicklime-Position": components["headers"]["Position"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IssuedCertificate"];
                    "application/pem-certificate-chain": string;
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
            413: components["responses"]["Problem"];
            415: components["responses"]["Problem"];
            422: components["responses"]["Problem"];
            429: components["responses"]["Limited"];
            503: components["responses"]["Problem"];
        };
    };
    exportCertificates: {
        parameters: {
            query?: {
                /** @description ndjson: one object a line, as the list has them */
                format?: "csv" | "ndjson";
                /** @description What somebody typed: a serial (hex, with colons or without; decimal), a SHA-256 fingerprint of a certificate, a name, a domain suffix (`.internal`), else what names begin with */
                search?: components["parameters"]["Search"];
                /** @description A name, or a domain suffix: `.internal` */
                name?: components["parameters"]["Name"];
                /**
                 * @description What a name begins with, without its kind
                 * @example api.
                 */
                prefix?: components["parameters"]["NamePrefix"];
                /** @description Of the certificate's DER, hex, with colons or without */
                sha256?: components["parameters"]["Fingerprint"];
                /** @description good and held: those that have not ended. Good also has those that a renewal has replaced */
                status?: components["parameters"]["StatusFilter"];
                /** @description Good, past two thirds of its life, and without a successor; the one that became due last first */
                renewal?: components["parameters"]["Renewal"];
                service?: string;
                node?: string;
                profile?: string;
                /** @example issuing-1 */
                authority?: string;
                /**
                 * @description Kind of key, as certificates show it
                 * @example P-256
                 */
                key?: string;
                /** @description As certificates show it: `token:0f3a...`, `user:local:alice`. Who sees his own alone finds nothing of others */
                requester?: string;
                /** @description At this moment or later */
                issued_after?: string;
                issued_before?: string;
                /** @description At this moment or later; sorted by expiry then, soonest first */
                expires_after?: string;
                /** @description Sorted by expiry then, soonest first */
                expires_before?: string;
                /**
                 * @description A past moment (RFC 3339), or a position of the log: what there was then, and how it stood. `replaced_by` is there when the successor was. 409 `as-of-forgotten` where the view has forgotten what had not ended then
                 * @example 2026-06-01T12:00:00Z
                 */
                as_of?: components["parameters"]["AsOf"];
            };
            header?: {
                "Quicklime-Min-Position"?: components["parameters"]["MinPosition"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Every certificate that matches */
            200: {
                headers: {
                    "Quicklime-Position": components["headers"]["Position"];
                    [name: string]: unknown;
                };
                content: {
                    "text/csv": string;
                    "application/x-ndjson": string;
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
            429: components["responses"]["Limited"];
            503: components["responses"]["Problem"];
        };
    };
    countCertificates: {
        parameters: {
            query: {
                by: "status" | "profile" | "authority" | "service" | "node" | "requester" | "key";
                limit?: number;
                /** @description From `next` of the answer before */
                cursor?: string;
            };
            header?: {
                "Quicklime-Min-Position"?: components["parameters"]["MinPosition"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The values, most frequent first */
            200: {
                headers: {
                    "Quicklime-Position": components["headers"]["Position"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "by": "service",
                     *       "total": 412,
                     *       "values": [
                     *         {
                     *           "value": "shop",
                     *           "count": 310
                     *         },
                     *         {
                     *           "value": "billing",
                     *           "count": 96
                     *         }
                     *       ],
                     *       "position": "0.512",
                     *       "age_seconds": 0.2
                     *     }
                     */
                    "application/json": components["schemas"]["Counts"];
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
            429: components["responses"]["Limited"];
            503: components["responses"]["Problem"];
        };
    };
    expiryHistogram: {
        parameters: {
            query?: {
                bin?: "hour" | "day";
                /** @description In the first bin; the current one by default */
                from?: string;
                bins?: number;
            };
            header?: {
                "Quicklime-Min-Position"?: components["parameters"]["MinPosition"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Every bin, also those with nothing in them */
            200: {
                headers: {
                    "Quicklime-Position": components["headers"]["Position"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "bin": "day",
                     *       "bins": [
                     *         {
                     *           "from": "2026-11-28T00:00:00Z",
                     *           "good": 12,
                     *           "held": 0,
                     *           "revoked": 1
                     *         }
                     *       ],
                     *       "position": "0.512",
                     *       "age_seconds": 0.2
                     *     }
                     */
                    "application/json": components["schemas"]["ExpiryHistogram"];
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
            429: components["responses"]["Limited"];
            503: components["responses"]["Problem"];
        };
    };
    issuanceRate: {
        parameters: {
            query?: {
                bin?: "hour" | "day";
                /** @description In the first bin; by default so that the current one is the last */
                from?: string;
                bins?: number;
            };
            header?: {
                "Quicklime-Min-Position"?: components["parameters"]["MinPosition"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Every bin, also those with nothing in them */
            200: {
                headers: {
                    "Quicklime-Position": components["headers"]["Position"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "bin": "day",
                     *       "bins": [
                     *         {
                     *           "from": "2026-11-28T00:00:00Z",
                     *           "issued": 140,
                     *           "renewed": 121,
                     *           "revoked": 2
                     *         }
                     *       ],
                     *       "position": "0.512",
                     *       "age_seconds": 0.2
                     *     }
                     */
                    "application/json": components["schemas"]["IssuanceRate"];
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
            429: components["responses"]["Limited"];
            503: components["responses"]["Problem"];
        };
    };
    showCertificate: {
        parameters: {
            query?: {
                /**
                 * @description A past moment (RFC 3339), or a position of the log: what there was then, and how it stood. `replaced_by` is there when the successor was. 409 `as-of-forgotten` where the view has forgotten what had not ended then
                 * @example 2026-06-01T12:00:00Z
                 */
                as_of?: components["parameters"]["AsOf"];
            };
            header?: {
                "Quicklime-Min-Position"?: components["parameters"]["MinPosition"];
            };
            path: {
                serial: components["parameters"]["Serial"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Found */
            200: {
                headers: {
                    "Quicklime-Position": components["headers"]["Position"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CertificateDetail"];
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
            429: components["responses"]["Limited"];
            503: components["responses"]["Problem"];
        };
    };
    renewalChallenge: {
        parameters: {
            query?: never;
            header?: {
                "Quicklime-Min-Position"?: components["parameters"]["MinPosition"];
            };
            path: {
                serial: components["parameters"]["Serial"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The challenge */
            200: {
                headers: {
                    "Quicklime-Position": components["headers"]["Position"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RenewalChallenge"];
                };
            };
            400: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
            503: components["responses"]["Problem"];
        };
    };
    renewCertificate: {
        parameters: {
            query?: {
                /** @description With a bare PKCS#10 body */
                lifetime?: components["schemas"]["Duration"];
                /** @description With a bare PKCS#10 body: base64, percent-encoded */
                signature?: string;
            };
            header?: {
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
                "Quicklime-Min-Position"?: components["parameters"]["MinPosition"];
            };
            path: {
                serial: components["parameters"]["Serial"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "csr": "-----BEGIN CERTIFICATE REQUEST-----\n...\n-----END CERTIFICATE REQUEST-----\n",
                 *       "signature": "MEUCIQ..."
                 *     }
                 */
                "application/json": components["schemas"]["RenewRequest"];
                "application/pkcs10": string;
            };
        };
        responses: {
            /** @description Renewed; the event is durable and was the first of its kind */
            201: {
                headers: {
                    "Quicklime-Position": components["headers"]["Position"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IssuedCertificate"];
                    "application/pem-certificate-chain": string;
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
            413: components["responses"]["Problem"];
            415: components["responses"]["Problem"];
            422: components["responses"]["Problem"];
            429: components["responses"]["Limited"];
            503: components["responses"]["Problem"];
        };
    };
    revokeCertificate: {
        parameters: {
            query?: never;
            header?: {
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
                "Quicklime-Min-Position"?: components["parameters"]["MinPosition"];
            };
            path: {
                serial: components["parameters"]["Serial"];
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                /**
                 * @example {
                 *       "reason": "keyCompromise",
                 *       "same_key": true,
                 *       "with_successors": true
                 *     }
                 */
                "application/json": {
                    reason?: components["schemas"]["Reason"];
                    /** @description qlr_..., from the answer that issued it */
                    secret?: string;
                    /** @description By the certificate's key, base64 */
                    signature?: string;
                    same_key?: components["schemas"]["SameKey"];
                    with_successors?: components["schemas"]["WithSuccessors"];
                };
            };
        };
        responses: {
            /** @description Revoked; the event is durable */
            200: {
                headers: {
                    "Quicklime-Position": components["headers"]["Position"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StatusAnswer"] & {
                        /** @description What same_key and with_successors added */
                        also?: components["schemas"]["StatusAnswer"][];
                    } & components["schemas"]["Remaining"];
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
            413: components["responses"]["Problem"];
            415: components["responses"]["Problem"];
            422: components["responses"]["Problem"];
            429: components["responses"]["Limited"];
            503: components["responses"]["Problem"];
        };
    };
    holdCertificate: {
        parameters: {
            query?: never;
            header?: {
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
                "Quicklime-Min-Position"?: components["parameters"]["MinPosition"];
            };
            path: {
                serial: components["parameters"]["Serial"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description On hold */
            200: {
                headers: {
                    "Quicklime-Position": components["headers"]["Position"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StatusAnswer"];
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
            422: components["responses"]["Problem"];
            429: components["responses"]["Limited"];
            503: components["responses"]["Problem"];
        };
    };
    releaseCertificate: {
        parameters: {
            query?: never;
            header?: {
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
                "Quicklime-Min-Position"?: components["parameters"]["MinPosition"];
            };
            path: {
                serial: components["parameters"]["Serial"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Good again */
            200: {
                headers: {
                    "Quicklime-Position": components["headers"]["Position"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StatusAnswer"];
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
            422: components["responses"]["Problem"];
            429: components["responses"]["Limited"];
            503: components["responses"]["Problem"];
        };
    };
    revokeMany: {
        parameters: {
            query?: never;
            header?: {
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
                "Quicklime-Min-Position"?: components["parameters"]["MinPosition"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    reason?: components["schemas"]["Reason"];
                    /** @description One certificate, by its secret: enough by itself */
                    secret?: string;
                    /** @description As administrator, or as who asked for them: all or, of one that he did not ask for, none (403) */
                    serials?: components["schemas"]["Serial"][];
                    same_key?: components["schemas"]["SameKey"];
                    with_successors?: components["schemas"]["WithSuccessors"];
                };
            };
        };
        responses: {
            /** @description One entry for each, in order, then those that same_key and with_successors added; 500 in all */
            200: {
                headers: {
                    "Quicklime-Position": components["headers"]["Position"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        revocations: components["schemas"]["StatusAnswer"][];
                        position: components["schemas"]["Position"];
                    } & components["schemas"]["Remaining"];
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
            413: components["responses"]["Problem"];
            415: components["responses"]["Problem"];
            422: components["responses"]["Problem"];
            429: components["responses"]["Limited"];
            503: components["responses"]["Problem"];
        };
    };
    cfsslInfo: {
        parameters: {
            query?: never;
            header?: {
                "Quicklime-Min-Position"?: components["parameters"]["MinPosition"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    label?: string | null;
                    profile?: string | null;
                };
            };
        };
        responses: {
            /** @description As CFSSL answers */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CfsslAnswer"] & {
                        result?: {
                            certificate: string;
                            usages: string[];
                            /** @example 2160h */
                            expiry: string;
                        };
                    };
                };
            };
            400: components["responses"]["CfsslProblem"];
            403: components["responses"]["CfsslProblem"];
            409: components["responses"]["CfsslProblem"];
            413: components["responses"]["CfsslProblem"];
            415: components["responses"]["CfsslProblem"];
            503: components["responses"]["CfsslProblem"];
        };
    };
    cfsslHealth: {
        parameters: {
            query?: never;
            header?: {
                "Quicklime-Min-Position"?: components["parameters"]["MinPosition"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As CFSSL answers */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CfsslAnswer"] & {
                        result?: {
                            healthy?: boolean;
                        };
                    };
                };
            };
            400: components["responses"]["CfsslProblem"];
            403: components["responses"]["CfsslProblem"];
            409: components["responses"]["CfsslProblem"];
            503: components["responses"]["CfsslProblem"];
        };
    };
    cfsslCertinfo: {
        parameters: {
            query?: never;
            header?: {
                "Quicklime-Min-Position"?: components["parameters"]["MinPosition"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    /** @description PEM */
                    certificate: string;
                };
            };
        };
        responses: {
            /** @description As CFSSL answers */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CfsslAnswer"] & {
                        result?: Record<string, never>;
                    };
                };
            };
            400: components["responses"]["CfsslProblem"];
            403: components["responses"]["CfsslProblem"];
            409: components["responses"]["CfsslProblem"];
            413: components["responses"]["CfsslProblem"];
            415: components["responses"]["CfsslProblem"];
            503: components["responses"]["CfsslProblem"];
        };
    };
    cfsslSign: {
        parameters: {
            query?: never;
            header?: {
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
                "Quicklime-Min-Position"?: components["parameters"]["MinPosition"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["CfsslSignRequest"];
            };
        };
        responses: {
            /** @description As CFSSL answers */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CfsslAnswer"] & {
                        result?: {
                            certificate: string;
                        };
                    };
                };
            };
            400: components["responses"]["CfsslProblem"];
            401: components["responses"]["CfsslProblem"];
            403: components["responses"]["CfsslProblem"];
            404: components["responses"]["CfsslProblem"];
            409: components["responses"]["CfsslProblem"];
            413: components["responses"]["CfsslProblem"];
            415: components["responses"]["CfsslProblem"];
            422: components["responses"]["CfsslProblem"];
            429: components["responses"]["CfsslLimited"];
            503: components["responses"]["CfsslProblem"];
        };
    };
    cfsslAuthsign: {
        parameters: {
            query?: never;
            header?: {
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
                "Quicklime-Min-Position"?: components["parameters"]["MinPosition"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["CfsslAuthenticatedRequest"];
            };
        };
        responses: {
            /** @description As CFSSL answers */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CfsslAnswer"] & {
                        result?: {
                            certificate: string;
                        };
                    };
                };
            };
            400: components["responses"]["CfsslProblem"];
            401: components["responses"]["CfsslProblem"];
            403: components["responses"]["CfsslProblem"];
            404: components["responses"]["CfsslProblem"];
            409: components["responses"]["CfsslProblem"];
            413: components["responses"]["CfsslProblem"];
            415: components["responses"]["CfsslProblem"];
            422: components["responses"]["CfsslProblem"];
            429: components["responses"]["CfsslLimited"];
            503: components["responses"]["CfsslProblem"];
        };
    };
    cfsslNewkey: {
        parameters: {
            query?: never;
            header?: {
                "Quicklime-Min-Position"?: components["parameters"]["MinPosition"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["CfsslKeyRequest"];
            };
        };
        responses: {
            /** @description As CFSSL answers */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CfsslAnswer"] & {
                        result?: components["schemas"]["CfsslNewKey"];
                    };
                };
            };
            400: components["responses"]["CfsslProblem"];
            401: components["responses"]["CfsslProblem"];
            403: components["responses"]["CfsslProblem"];
            404: components["responses"]["CfsslProblem"];
            409: components["responses"]["CfsslProblem"];
            413: components["responses"]["CfsslProblem"];
            415: components["responses"]["CfsslProblem"];
            422: components["responses"]["CfsslProblem"];
            429: components["responses"]["CfsslLimited"];
            503: components["responses"]["CfsslProblem"];
        };
    };
    cfsslNewcert: {
        parameters: {
            query?: never;
            header?: {
                "Quicklime-Min-Position"?: components["parameters"]["MinPosition"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    request: components["schemas"]["CfsslKeyRequest"];
                    profile?: string | null;
                    label?: string | null;
                };
            };
        };
        responses: {
            /** @description As CFSSL answers */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CfsslAnswer"] & {
                        result?: components["schemas"]["CfsslNewKey"] & {
                            certificate: string;
                        };
                    };
                };
            };
            400: components["responses"]["CfsslProblem"];
            401: components["responses"]["CfsslProblem"];
            403: components["responses"]["CfsslProblem"];
            404: components["responses"]["CfsslProblem"];
            409: components["responses"]["CfsslProblem"];
            413: components["responses"]["CfsslProblem"];
            415: components["responses"]["CfsslProblem"];
            422: components["responses"]["CfsslProblem"];
            429: components["responses"]["CfsslLimited"];
            503: components["responses"]["CfsslProblem"];
        };
    };
    cfsslRevoke: {
        parameters: {
            query?: never;
            header?: {
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
                "Quicklime-Min-Position"?: components["parameters"]["MinPosition"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    /** @description In decimal */
                    serial: string;
                    /** @description Hex, of an authority of this CA; may be left out */
                    authority_key_id?: string;
                    /** @description As RFC 5280 spells it, in any case, or its number */
                    reason?: string;
                };
            };
        };
        responses: {
            /** @description As CFSSL answers */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CfsslAnswer"] & {
                        result?: Record<string, never>;
                    };
                };
            };
            400: components["responses"]["CfsslProblem"];
            401: components["responses"]["CfsslProblem"];
            403: components["responses"]["CfsslProblem"];
            404: components["responses"]["CfsslProblem"];
            409: components["responses"]["CfsslProblem"];
            413: components["responses"]["CfsslProblem"];
            415: components["responses"]["CfsslProblem"];
            422: components["responses"]["CfsslProblem"];
            429: components["responses"]["CfsslLimited"];
            503: components["responses"]["CfsslProblem"];
        };
    };
    cfsslCrl: {
        parameters: {
            query?: never;
            header?: {
                "Quicklime-Min-Position"?: components["parameters"]["MinPosition"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As CFSSL answers */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CfsslAnswer"] & {
                        result?: string;
                    };
                };
            };
            400: components["responses"]["CfsslProblem"];
            403: components["responses"]["CfsslProblem"];
            404: components["responses"]["CfsslProblem"];
            409: components["responses"]["CfsslProblem"];
            503: components["responses"]["CfsslProblem"];
        };
    };
    listAuthorities: {
        parameters: {
            query?: never;
            header?: {
                "Quicklime-Min-Position"?: components["parameters"]["MinPosition"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All of them */
            200: {
                headers: {
                    "Quicklime-Position": components["headers"]["Position"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        authorities: components["schemas"]["Authority"][];
                        position: components["schemas"]["Position"];
                        age_seconds: number;
                    };
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
            429: components["responses"]["Limited"];
            503: components["responses"]["Problem"];
        };
    };
    showLineage: {
        parameters: {
            query?: {
                /** @description Of this node alone */
                node?: string;
                /** @description So many certificates at most, the newest */
                limit?: number;
                /** @description From `next` of the answer before: older ones */
                cursor?: string;
            };
            header?: {
                "Quicklime-Min-Position"?: components["parameters"]["MinPosition"];
            };
            path: {
                /**
                 * @description As certificates show it, percent-encoded
                 * @example shop
                 */
                service: components["parameters"]["Service"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A lane for each node */
            200: {
                headers: {
                    "Quicklime-Position": components["headers"]["Position"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Lineage"];
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
            429: components["responses"]["Limited"];
            503: components["responses"]["Problem"];
        };
    };
    health: {
        parameters: {
            query?: never;
            header?: {
                "Quicklime-Min-Position"?: components["parameters"]["MinPosition"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As it is now */
            200: {
                headers: {
                    "Quicklime-Position": components["headers"]["Position"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "lag": 0,
                     *       "crls": [
                     *         {
                     *           "authority": "root-1",
                     *           "state": "none"
                     *         },
                     *         {
                     *           "authority": "issuing-1",
                     *           "state": "current",
                     *           "number": "511",
                     *           "this_update": "2026-11-28T10:00:00Z",
                     *           "next_update": "2026-11-29T10:00:00Z",
                     *           "published_at": "2026-11-28T10:01:00.000Z",
                     *           "published_position": "0.512"
                     *         }
                     *       ],
                     *       "position": "0.512",
                     *       "age_seconds": 0.2
                     *     }
                     */
                    "application/json": components["schemas"]["Health"];
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
            429: components["responses"]["Limited"];
            503: components["responses"]["Problem"];
        };
    };
    listEvents: {
        parameters: {
            query?: {
                /** @description `certificate.issued`, or several with commas between them */
                type?: string;
                /** @description Those behind this position; the list is oldest first then */
                after?: components["schemas"]["Position"];
                /** @description Of the list */
                limit?: number;
                /** @description Of the list: from `next` of the page before */
                cursor?: string;
            };
            header?: {
                /** @description Of the stream: the position of the last event that the client has */
                "Last-Event-ID"?: string;
                "Quicklime-Min-Position"?: components["parameters"]["MinPosition"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page, or a stream */
            200: {
                headers: {
                    "Quicklime-Position": components["headers"]["Position"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        events: components["schemas"]["Event"][];
                        /** @description Cursor of the next page; absent on the last. A page of a rare type may be short, or empty, and have one */
                        next?: string;
                        position: components["schemas"]["Position"];
                    };
                    "text/event-stream": string;
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
            429: components["responses"]["Limited"];
            503: components["responses"]["Problem"];
        };
    };
    signInWays: {
        parameters: {
            query?: never;
            header?: {
                "Quicklime-Min-Position"?: components["parameters"]["MinPosition"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The banner to be shown before, and the ways */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SignInWays"];
                };
            };
            400: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
            429: components["responses"]["Limited"];
            503: components["responses"]["Problem"];
        };
    };
    signIn: {
        parameters: {
            query?: never;
            header?: {
                "Quicklime-Min-Position"?: components["parameters"]["MinPosition"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description `alice`, `local:alice`, or `acme:alice` of [ldap.acme] */
                    user?: string;
                    password?: string;
                    /** @description A JWT of a provider, [oidc.NAME]: its ID token of a person, or that of a program */
                    assertion?: string;
                    /** @description The token of a one-time URL, behind `#one-time=` */
                    one_time?: string;
                    /** @description By the client certificate of the TLS handshake (with a gateway, what it says of it) */
                    client_certificate?: boolean;
                    /** @description A browser: the session comes as the cookie `__Host-quicklime` alone */
                    cookie?: boolean;
                };
            };
        };
        responses: {
            /** @description Signed in */
            201: {
                headers: {
                    "Quicklime-Position": components["headers"]["Position"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SignedIn"];
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
            413: components["responses"]["Problem"];
            415: components["responses"]["Problem"];
            429: components["responses"]["Limited"];
            503: components["responses"]["Problem"];
        };
    };
    beginSignIn: {
        parameters: {
            query?: never;
            header?: {
                "Quicklime-Min-Position"?: components["parameters"]["MinPosition"];
            };
            path: {
                /** @description NAME of [oidc.NAME] */
                provider: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description To the provider */
            302: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
            429: components["responses"]["Limited"];
            503: components["responses"]["Problem"];
        };
    };
    finishSignIn: {
        parameters: {
            query?: never;
            header?: {
                "Quicklime-Min-Position"?: components["parameters"]["MinPosition"];
            };
            path: {
                /** @description NAME of [oidc.NAME] */
                provider: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Signed in, and to the dashboard */
            302: {
                headers: {
                    "Quicklime-Position": components["headers"]["Position"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
            429: components["responses"]["Limited"];
            503: components["responses"]["Problem"];
        };
    };
    whoAmI: {
        parameters: {
            query?: never;
            header?: {
                "Quicklime-Min-Position"?: components["parameters"]["MinPosition"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Who */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Me"];
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
            429: components["responses"]["Limited"];
            503: components["responses"]["Problem"];
        };
    };
    listSessions: {
        parameters: {
            query?: {
                user?: string;
            };
            header?: {
                "Quicklime-Min-Position"?: components["parameters"]["MinPosition"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description At most 1,000 */
            200: {
                headers: {
                    "Quicklime-Position": components["headers"]["Position"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        sessions: components["schemas"]["Session"][];
                        position: components["schemas"]["Position"];
                        age_seconds?: number;
                    };
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
            429: components["responses"]["Limited"];
            503: components["responses"]["Problem"];
        };
    };
    approveSession: {
        parameters: {
            query?: never;
            header?: {
                "Quicklime-Min-Position"?: components["parameters"]["MinPosition"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    session: string;
                    secret_sha256: string;
                };
            };
        };
        responses: {
            /** @description It is signed in */
            201: {
                headers: {
                    "Quicklime-Position": components["headers"]["Position"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
            413: components["responses"]["Problem"];
            415: components["responses"]["Problem"];
            429: components["responses"]["Limited"];
            503: components["responses"]["Problem"];
        };
    };
    extendSession: {
        parameters: {
            query?: never;
            header?: {
                "Quicklime-Min-Position"?: components["parameters"]["MinPosition"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Until when */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
            413: components["responses"]["Problem"];
            429: components["responses"]["Limited"];
            503: components["responses"]["Problem"];
        };
    };
    endSession: {
        parameters: {
            query?: never;
            header?: {
                "Quicklime-Min-Position"?: components["parameters"]["MinPosition"];
            };
            path: {
                /** @description A session, or `current` */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Ended */
            200: {
                headers: {
                    "Quicklime-Position": components["headers"]["Position"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
            429: components["responses"]["Limited"];
            503: components["responses"]["Problem"];
        };
    };
    listUsers: {
        parameters: {
            query?: never;
            header?: {
                "Quicklime-Min-Position"?: components["parameters"]["MinPosition"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description At most 5,000 */
            200: {
                headers: {
                    "Quicklime-Position": components["headers"]["Position"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        users: components["schemas"]["User"][];
                        position: components["schemas"]["Position"];
                        age_seconds?: number;
                    };
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
            429: components["responses"]["Limited"];
            503: components["responses"]["Problem"];
        };
    };
    createUser: {
        parameters: {
            query?: never;
            header?: {
                "Quicklime-Min-Position"?: components["parameters"]["MinPosition"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    user: string;
                    name?: string;
                    /**
                     * @default requester
                     * @enum {string}
                     */
                    role?: "requester" | "agent" | "auditor" | "administrator";
                    profiles?: string[];
                    names?: string[];
                };
            };
        };
        responses: {
            /** @description Made */
            201: {
                headers: {
                    "Quicklime-Position": components["headers"]["Position"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["User"] & components["schemas"]["OneTime"];
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
            413: components["responses"]["Problem"];
            415: components["responses"]["Problem"];
            429: components["responses"]["Limited"];
            503: components["responses"]["Problem"];
        };
    };
    showUser: {
        parameters: {
            query?: never;
            header?: {
                "Quicklime-Min-Position"?: components["parameters"]["MinPosition"];
            };
            path: {
                /** @description `alice`, `local:alice`, `acme:alice` */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The person */
            200: {
                headers: {
                    "Quicklime-Position": components["headers"]["Position"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["User"];
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
            429: components["responses"]["Limited"];
            503: components["responses"]["Problem"];
        };
    };
    grantUser: {
        parameters: {
            query?: never;
            header?: {
                "Quicklime-Min-Position"?: components["parameters"]["MinPosition"];
            };
            path: {
                /** @description `alice`, `local:alice`, `acme:alice` */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    name?: string;
                    /** @enum {string} */
                    role?: "requester" | "agent" | "auditor" | "administrator";
                    profiles?: string[];
                    names?: string[];
                };
            };
        };
        responses: {
            /** @description Changed */
            200: {
                headers: {
                    "Quicklime-Position": components["headers"]["Position"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["User"];
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
            413: components["responses"]["Problem"];
            415: components["responses"]["Problem"];
            429: components["responses"]["Limited"];
            503: components["responses"]["Problem"];
        };
    };
    disableUser: {
        parameters: {
            query?: never;
            header?: {
                "Quicklime-Min-Position"?: components["parameters"]["MinPosition"];
            };
            path: {
                /** @description `alice`, `local:alice`, `acme:alice` */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "Quicklime-Position": components["headers"]["Position"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["User"];
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
            413: components["responses"]["Problem"];
            429: components["responses"]["Limited"];
            503: components["responses"]["Problem"];
        };
    };
    enableUser: {
        parameters: {
            query?: never;
            header?: {
                "Quicklime-Min-Position"?: components["parameters"]["MinPosition"];
            };
            path: {
                /** @description `alice`, `local:alice`, `acme:alice` */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "Quicklime-Position": components["headers"]["Position"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["User"];
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
            413: components["responses"]["Problem"];
            429: components["responses"]["Limited"];
            503: components["responses"]["Problem"];
        };
    };
    oneTimeUrl: {
        parameters: {
            query?: never;
            header?: {
                "Quicklime-Min-Position"?: components["parameters"]["MinPosition"];
            };
            path: {
                /** @description `alice`, `local:alice`, `acme:alice` */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Made; good for a day */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OneTime"];
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
            413: components["responses"]["Problem"];
            429: components["responses"]["Limited"];
            503: components["responses"]["Problem"];
        };
    };
    setPassword: {
        parameters: {
            query?: never;
            header?: {
                "Quicklime-Min-Position"?: components["parameters"]["MinPosition"];
            };
            path: {
                /** @description `alice`, `local:alice`, `acme:alice` */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    password: string;
                    /** @description Not needed in a session that a one-time URL began */
                    old_password?: string;
                };
            };
        };
        responses: {
            /** @description Set */
            200: {
                headers: {
                    "Quicklime-Position": components["headers"]["Position"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["User"];
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
            413: components["responses"]["Problem"];
            415: components["responses"]["Problem"];
            429: components["responses"]["Limited"];
            503: components["responses"]["Problem"];
        };
    };
    listRules: {
        parameters: {
            query?: never;
            header?: {
                "Quicklime-Min-Position"?: components["parameters"]["MinPosition"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All of them */
            200: {
                headers: {
                    "Quicklime-Position": components["headers"]["Position"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        rules: components["schemas"]["Rule"][];
                        position: components["schemas"]["Position"];
                        age_seconds?: number;
                    };
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
            429: components["responses"]["Limited"];
            503: components["responses"]["Problem"];
        };
    };
    testRules: {
        parameters: {
            query?: never;
            header?: {
                "Quicklime-Min-Position"?: components["parameters"]["MinPosition"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    provider: string;
                    /** @description `groups=pki-admins` */
                    claims: string[];
                };
            };
        };
        responses: {
            /** @description The rules that match, and what they give together */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Granted"];
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
            413: components["responses"]["Problem"];
            415: components["responses"]["Problem"];
            422: components["responses"]["Problem"];
            429: components["responses"]["Limited"];
            503: components["responses"]["Problem"];
        };
    };
    setRule: {
        parameters: {
            query?: never;
            header?: {
                "Quicklime-Min-Position"?: components["parameters"]["MinPosition"];
            };
            path: {
                /** @description 1 to 64 letters, digits, `-` and `_` */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description NAME of [ldap.NAME] or [oidc.NAME], or `certificate` */
                    provider: string;
                    /** @description All of them: `groups=pki-admins` */
                    when: string[];
                    /**
                     * @default requester
                     * @enum {string}
                     */
                    role?: "requester" | "agent" | "auditor" | "administrator";
                    profiles?: string[];
                    names?: string[];
                };
            };
        };
        responses: {
            /** @description Set */
            200: {
                headers: {
                    "Quicklime-Position": components["headers"]["Position"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Rule"];
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
            413: components["responses"]["Problem"];
            415: components["responses"]["Problem"];
            429: components["responses"]["Limited"];
            503: components["responses"]["Problem"];
        };
    };
    removeRule: {
        parameters: {
            query?: never;
            header?: {
                "Quicklime-Min-Position"?: components["parameters"]["MinPosition"];
            };
            path: {
                /** @description 1 to 64 letters, digits, `-` and `_` */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Removed */
            200: {
                headers: {
                    "Quicklime-Position": components["headers"]["Position"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Rule"];
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
            429: components["responses"]["Limited"];
            503: components["responses"]["Problem"];
        };
    };
    listTokens: {
        parameters: {
            query?: never;
            header?: {
                "Quicklime-Min-Position"?: components["parameters"]["MinPosition"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All of them */
            200: {
                headers: {
                    "Quicklime-Position": components["headers"]["Position"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        tokens: components["schemas"]["Token"][];
                        position: components["schemas"]["Position"];
                        age_seconds: number;
                    };
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
            429: components["responses"]["Limited"];
            503: components["responses"]["Problem"];
        };
    };
    createToken: {
        parameters: {
            query?: never;
            header?: {
                "Quicklime-Min-Position"?: components["parameters"]["MinPosition"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "name": "ci",
                 *       "profiles": [
                 *         "tls-server"
                 *       ],
                 *       "names": [
                 *         "*.load.internal"
                 *       ],
                 *       "lifetime": "30d"
                 *     }
                 */
                "application/json": {
                    name: string;
                    /**
                     * @default requester
                     * @enum {string}
                     */
                    role?: "requester" | "agent" | "auditor" | "administrator" | "process";
                    /**
                     * @default [
                     *       "tls-server"
                     *     ]
                     */
                    profiles?: string[];
                    /** @description Patterns: `*.load.internal`, `10.0.0.0/8` */
                    names?: string[];
                    lifetime?: components["schemas"]["Duration"];
                    /** @description It signs somebody in, once (`POST /v1/sign-in`, `one_time`), and asks for nothing by itself; it lives for 7 days at most */
                    single_use?: boolean;
                    /** @description Of single_use: the user whom it signs in; without, somebody with its role and no name yet */
                    owner?: string;
                };
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    "Quicklime-Position": components["headers"]["Position"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Token"] & {
                        /** @description qlk_...: shown once */
                        token: string;
                        /** @description Of single_use: where it is opened; shown once */
                        one_time_url?: string;
                        /** @description Of who may ask for certificates: the auth key of CFSSL's clients, whose label is the id; shown once */
                        cfssl_auth_key?: string;
                        position: components["schemas"]["Position"];
                    };
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
            413: components["responses"]["Problem"];
            415: components["responses"]["Problem"];
            429: components["responses"]["Limited"];
            503: components["responses"]["Problem"];
        };
    };
    revokeToken: {
        parameters: {
            query?: never;
            header?: {
                "Quicklime-Min-Position"?: components["parameters"]["MinPosition"];
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Revoked */
            200: {
                headers: {
                    "Quicklime-Position": components["headers"]["Position"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Token"];
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
            429: components["responses"]["Limited"];
            503: components["responses"]["Problem"];
        };
    };
    proveByAuthKey: {
        parameters: {
            query?: never;
            header?: {
                "Quicklime-Min-Position"?: components["parameters"]["MinPosition"];
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    /** @description Base64 of what was signed */
                    request?: string;
                    /** @description Base64 of its HMAC-SHA256 */
                    token?: string;
                };
            };
        };
        responses: {
            /** @description It is. Whether the token is worth anything is not looked at */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
            413: components["responses"]["Problem"];
            415: components["responses"]["Problem"];
            429: components["responses"]["Limited"];
            503: components["responses"]["Problem"];
        };
    };
    version: {
        parameters: {
            query?: never;
            header?: {
                "Quicklime-Min-Position"?: components["parameters"]["MinPosition"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Version */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        version: string;
                    };
                };
            };
            400: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
            503: components["responses"]["Problem"];
        };
    };
    root: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description To /ui/ */
            302: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
            503: components["responses"]["Problem"];
        };
    };
    page: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description To /ui/ */
            302: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
            503: components["responses"]["Problem"];
        };
    };
    pageFile: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The rest of the path, slashes included; may be empty */
                file: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The file */
            200: {
                headers: {
                    ETag?: string;
                    "Content-Security-Policy"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "*/*": string;
                };
            };
            /** @description If-None-Match has its ETag */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
            /** @description The program was built without its dashboard, and how to build it; or a problem */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/html": string;
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    ocspPost: {
        parameters: {
            query?: never;
            header?: {
                "Quicklime-Min-Position"?: components["parameters"]["MinPosition"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/ocsp-request": string;
            };
        };
        responses: {
            /** @description An OCSPResponse; protocol errors (malformedRequest, tryLater, unauthorized) are inside it */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/ocsp-response": string;
                };
            };
            400: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
            503: components["responses"]["Problem"];
        };
    };
    ocspGet: {
        parameters: {
            query?: never;
            header?: {
                "Quicklime-Min-Position"?: components["parameters"]["MinPosition"];
            };
            path: {
                /** @description Base64 of the DER request, at most 1,024 characters as sent (RFC 5019 means 255); what is longer goes by POST */
                request: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description An OCSPResponse (malformedRequest for a path that is too long), with the cache headers of RFC 5019 section 6 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/ocsp-response": string;
                };
            };
            400: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
            503: components["responses"]["Problem"];
        };
    };
    ocspPostBelow: {
        parameters: {
            query?: never;
            header?: {
                "Quicklime-Min-Position"?: components["parameters"]["MinPosition"];
            };
            path: {
                /** @description Empty, or anything: the request is the body */
                request: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/ocsp-request": string;
            };
        };
        responses: {
            /** @description An OCSPResponse */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/ocsp-response": string;
                };
            };
            400: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
            503: components["responses"]["Problem"];
        };
    };
    crl: {
        parameters: {
            query?: never;
            header?: {
                "Quicklime-Min-Position"?: components["parameters"]["MinPosition"];
            };
            path: {
                /** @example issuing-1 */
                authority: components["parameters"]["Authority"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description CRL number = log position up to which it is complete. With Quicklime-Min-Position, nothing that happened up to there is missing */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/pkix-crl": string;
                };
            };
            400: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
            503: components["responses"]["Problem"];
        };
    };
    authorityCertificate: {
        parameters: {
            query?: never;
            header?: {
                "Quicklime-Min-Position"?: components["parameters"]["MinPosition"];
            };
            path: {
                /** @example issuing-1 */
                authority: components["parameters"]["Authority"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description DER */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/pkix-cert": string;
                };
            };
            400: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
            503: components["responses"]["Problem"];
        };
    };
    authorityChain: {
        parameters: {
            query?: never;
            header?: {
                "Quicklime-Min-Position"?: components["parameters"]["MinPosition"];
            };
            path: {
                /** @example issuing-1 */
                authority: components["parameters"]["Authority"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description PEM */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/pem-certificate-chain": string;
                };
            };
            400: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
            503: components["responses"]["Problem"];
        };
    };
    roots: {
        parameters: {
            query?: never;
            header?: {
                "Quicklime-Min-Position"?: components["parameters"]["MinPosition"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description PEM */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/pem-certificate-chain": string;
                };
            };
            400: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
            503: components["responses"]["Problem"];
        };
    };
}
