package labeler.server;

/** Answers the requests of one route. Called by many threads at once. */
@FunctionalInterface
interface Endpoint {
    Answer answer(Call call);
}
