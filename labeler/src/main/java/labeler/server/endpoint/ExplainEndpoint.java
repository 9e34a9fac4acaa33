package labeler.server.endpoint;

import jakarta.inject.Inject;
import labeler.api.ApiJson;
import labeler.api.ExplainAnswer;
import labeler.api.ExplainBody;
import labeler.explain.Explainer;
import labeler.http.HttpAnswer;
import labeler.http.HttpCall;
import labeler.http.Route;
import labeler.json.RecordJson.NotUnderstood;
import labeler.json.RecordJson.Understood;

/** The endpoint that explains denials and files. */
final class ExplainEndpoint {
    private final Explainer explainer;

    @Inject
    ExplainEndpoint(Explainer explainer) {
        this.explainer = explainer;
    }

    Route route() {
        return new Route("POST", "/v1/explain", this::explain);
    }

    private HttpAnswer explain(HttpCall call) {
        return switch (ApiJson.readBody(ExplainBody.class, call.body())) {
            case NotUnderstood<ExplainBody>(String message) -> HttpAnswer.usage(message);
            case Understood<ExplainBody>(ExplainBody body) -> {
                Explainer.Explained explained =
                        body.file().map(explainer::file).orElseGet(() -> explainer.denials(body.lines().stream()));
                yield HttpAnswer.ok(ApiJson.write(
                        new ExplainAnswer(explained.explanations(), explained.unreadable(), explained.leftOut())));
            }
        };
    }
}
