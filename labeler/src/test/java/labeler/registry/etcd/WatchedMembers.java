package labeler.registry.etcd;

import java.util.function.BiFunction;
import labeler.etcd.Members;
import labeler.json.Json;

/** Members whose answers a test may see, keep waiting, or replace. */
record WatchedMembers(Members members, BiFunction<Json, Reply, Reply> answer) implements Members {
    @Override
    public Reply ask(String path, Json question) {
        return answer.apply(question, members.ask(path, question));
    }

    @Override
    public void close() {
        members.close();
    }
}
