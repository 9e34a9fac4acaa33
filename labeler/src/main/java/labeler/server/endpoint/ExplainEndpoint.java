package labeler.server.endpoint;

import jakarta.inject.Inject;
import labeler.api.ApiJson;
import labeler.api.ExplainAnswer;
import labeler.api.ExplainBody;
import labeler.explain.Explainer;
import labeler.http.HttpAnswer;
import labeler.http.HttpCall;
import labeler.http.Route;

/** The endpoint that explains denials and files. */
record ExplainEndpoint(Explainer explainer) {
    @Inject
    ExplainEndpoint {}

    Route route() {
        return new Route("POST", "/v1/explain", this::explain);
    }

    private HttpAnswer explain(HttpCall call) {
        return VmCall.read(call, ExplainBody.class, body -> {
            Explainer.Explained explained =
                    body.file().map(explainer::file).orElseGet(() -> explainer.denials(body.lines().stream()));
            return HttpAnswer.ok(ApiJson.write(
                    new ExplainAnswer(explained.explanations(), explained.unreadable(), explained.leftOut())));
        });
    }
}
