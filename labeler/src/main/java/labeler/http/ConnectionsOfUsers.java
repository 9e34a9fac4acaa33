package labeler.http;

import java.util.HashMap;
import java.util.Map;

/** How many connections each user has open. No user must get all of them. Safe for use by many threads. */
final class ConnectionsOfUsers {
    private final int most;
    private final Map<Integer, Integer> open = new HashMap<>();

    ConnectionsOfUsers(int most) {
        this.most = most;
    }

    /** Whether this user may have one more. If so, {@link #leave} must follow. */
    synchronized boolean enter(int uid) {
        if (open.getOrDefault(uid, 0) >= most) {
            return false;
        }
        open.merge(uid, 1, Integer::sum);
        return true;
    }

    synchronized void leave(int uid) {
        open.computeIfPresent(uid, (_, count) -> count > 1 ? count - 1 : null);
    }
}
