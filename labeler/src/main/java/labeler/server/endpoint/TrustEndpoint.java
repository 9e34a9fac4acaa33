package labeler.server.endpoint;

import jakarta.inject.Inject;
import java.util.List;
import java.util.Set;
import labeler.api.ApiJson;
import labeler.api.Refusal;
import labeler.api.TrustAnswer;
import labeler.api.TrustBody;
import labeler.http.HttpAnswer;
import labeler.http.HttpCall;
import labeler.http.Route;
import labeler.lifecycle.VmLifecycle;
import labeler.problem.Problem;
import labeler.review.TrustOutcome;

/** The endpoint for an administrator to accept an image's references. */
record TrustEndpoint(VmLifecycle lifecycle, RequestLog requests) {
    @Inject
    TrustEndpoint {}

    Route route() {
        return new Route("POST", "/v1/trust", Set.of(VmCall.DRY_RUN), this::trust);
    }

    private HttpAnswer trust(HttpCall call) {
        return VmCall.read(call, TrustBody.class, body -> switch (lifecycle.trust(
                body.path(), body.format(), VmCall.isDryRun(call))) {
            case TrustOutcome.Trusted trusted -> {
                if (!VmCall.isDryRun(call)) {
                    requests.trusted(call.peer(), trusted);
                }
                yield HttpAnswer.ok(ApiJson.write(TrustAnswer.of(trusted, VmCall.isDryRun(call))));
            }
            case TrustOutcome.NotTrusted(List<Problem> problems) -> HttpAnswer.refusal(Refusal.because(problems));
        });
    }
}
