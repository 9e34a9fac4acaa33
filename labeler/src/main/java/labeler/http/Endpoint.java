package labeler.http;

/** Answers the requests of one route. Called by many threads at once. */
@FunctionalInterface
public interface Endpoint {
    HttpAnswer answer(HttpCall call);
}
