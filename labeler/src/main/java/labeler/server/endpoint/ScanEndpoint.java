package labeler.server.endpoint;

import jakarta.inject.Inject;
import labeler.api.ApiJson;
import labeler.api.ScanBody;
import labeler.http.HttpAnswer;
import labeler.http.HttpCall;
import labeler.http.Route;
import labeler.leftover.ScanOutcome;
import labeler.leftover.ScanPage;
import labeler.lifecycle.VmLifecycle;

/** The endpoint that scans directories for labels that nobody holds, a part a request. */
record ScanEndpoint(VmLifecycle lifecycle, RequestLog requests) {
    @Inject
    ScanEndpoint {}

    Route route() {
        return new Route("POST", "/v1/recover/scan", this::scan);
    }

    private HttpAnswer scan(HttpCall call) {
        return VmCall.read(call, ScanBody.class, body -> switch (lifecycle.scan(
                body.request(), file -> requests.mended(call.peer(), file))) {
            case ScanOutcome.NoSuchPlace(String message) -> HttpAnswer.usage(message);
            case ScanOutcome.NotScanned(String message) -> HttpAnswer.failed(message);
            case ScanOutcome.Scanned(ScanPage page) -> HttpAnswer.ok(ApiJson.write(page));
        });
    }
}
