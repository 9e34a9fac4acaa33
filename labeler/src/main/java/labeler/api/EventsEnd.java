package labeler.api;

/**
 * The last line of events that are a line each.
 *
 * @param next where to go on: the parameter {@code after} of the next request
 * @param more whether there is more already
 * @param damaged lines that could not be read, and were skipped
 */
public record EventsEnd(String next, boolean more, long damaged) {}
