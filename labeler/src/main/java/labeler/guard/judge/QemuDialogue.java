package labeler.guard.judge;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiPredicate;
import java.util.stream.Collectors;
import labeler.guard.graph.BlockGraph;
import labeler.guard.graph.Look;
import labeler.guard.relay.Command;
import labeler.guard.relay.Questions;
import labeler.json.Json;
import labeler.json.Json.JsonArray;
import labeler.json.Json.JsonObject;
import labeler.linux.Descriptor;

/** The guard's own questions to a qemu. Each waits for its answer, but not for ever: qemu may hang. */
final class QemuDialogue {
    /** A qemu whose storage blocks its main loop answers late; after this it is as if it had not answered. */
    private static final long PATIENCE_SECONDS = 30;

    /** What begins the text that goes with a descriptor of a judge's. */
    private static final String MARK = "labeler ";

    private final Questions qemu;

    /** A question whose answer has not come in time: no look is asked for until it has. For the judge's own thread. */
    private CompletableFuture<Optional<JsonObject>> overdue = CompletableFuture.completedFuture(Optional.empty());

    /** The last question for the schema. For the judge's own thread. */
    private CompletableFuture<Optional<JsonObject>> schema = CompletableFuture.completedFuture(Optional.empty());

    QemuDialogue(Questions qemu) {
        this.qemu = qemu;
    }

    /** The value of the answer; empty for an error, or none. */
    Optional<Json> ask(String name, JsonObject arguments) {
        return value(await(send(name, arguments, List.of())));
    }

    /** All that this qemu understands; empty if it has not answered, and at once while it owes an answer. */
    Optional<Json> schema() {
        if (!schema.isDone()) {
            return Optional.empty();
        }
        schema = send("query-qmp-schema", Json.object().build(), List.of());
        return value(await(schema));
    }

    private CompletableFuture<Optional<JsonObject>> send(
            String name, JsonObject arguments, List<Descriptor> descriptors) {
        return qemu.ask(new Command(name, arguments, false, Optional.empty()), descriptors);
    }

    private static Optional<Json> value(Optional<JsonObject> answer) {
        return answer.flatMap(message -> message.get("return"));
    }

    /** The answer; empty if the monitor ends before, or qemu takes too long. */
    static <T> Optional<T> await(CompletableFuture<Optional<T>> answer) {
        try {
            return answer.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException | ExecutionException e) {
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    /** Looks at nodes, edges, devices and jobs at once; empty if qemu does not answer, or tells what cannot be. */
    Optional<BlockGraph> look() {
        if (!overdue.isDone()) {
            return Optional.empty();
        }
        List<CompletableFuture<Optional<JsonObject>>> asked = new ArrayList<>();
        for (String name : Look.COMMANDS) {
            boolean isFlat = name.equals("query-named-block-nodes");
            asked.add(send(
                    name,
                    isFlat
                            ? Json.object().put("flat", true).build()
                            : Json.object().build(),
                    List.of()));
        }
        List<Optional<JsonObject>> answers =
                asked.stream().map(QemuDialogue::await).toList();
        asked.stream().filter(question -> !question.isDone()).findFirst().ifPresent(question -> overdue = question);
        if (answers.stream().anyMatch(Optional::isEmpty)) {
            return Optional.empty();
        }
        // An error is no empty list: one node that qemu cannot tell of makes the whole question fail.
        List<Json> values =
                answers.stream().flatMap(answer -> value(answer).stream()).toList();
        return values.size() < answers.size()
                ? Optional.empty()
                : Optional.of(new Look(values.get(0), values.get(1), values.get(2), values.get(3)).read())
                        .filter(BlockGraph::isPossible);
    }

    /** The status that a question tells; empty if it tells none. */
    Optional<String> status(String question) {
        return ask(question, Json.object().build())
                .flatMap(answer -> answer instanceof JsonObject object ? object.text("status") : Optional.empty());
    }

    /** The type of each property that this qemu's device has. Devices of virtio have a short name beside their own. */
    Map<String, String> properties(String driver) {
        Map<String, String> types = propertiesOf(driver);
        return types.isEmpty() && driver.startsWith("virtio-") ? propertiesOf(driver + "-pci") : types;
    }

    private Map<String, String> propertiesOf(String driver) {
        Map<String, String> types = new HashMap<>();
        Json answer = ask(
                        "device-list-properties",
                        Json.object().put("typename", driver).build())
                .orElse(Json.nothing());
        if (answer instanceof JsonArray(List<Json> properties)) {
            for (Json element : properties) {
                if (element instanceof JsonObject property) {
                    property.text("name")
                            .ifPresent(name ->
                                    types.put(name, property.text("type").orElse("")));
                }
            }
        }
        return types;
    }

    /**
     * A descriptor that qemu has.
     *
     * @param set the number of its set
     * @param number of the descriptor in qemu's process
     */
    record Member(long set, long number) {}

    /**
     * Hands a descriptor to qemu.
     *
     * @param set its number; empty for one that qemu chooses
     * @param opaque goes with it; with the file's name after {@link #MARK} a later service knows it again
     * @return empty if qemu refuses
     */
    Optional<Member> add(Descriptor descriptor, Optional<Long> set, String opaque) {
        Json.ObjectBuilder arguments = Json.object().put("opaque", opaque);
        set.ifPresent(number -> arguments.put("fdset-id", number));
        return value(await(send("add-fd", arguments.build(), List.of(descriptor))))
                .flatMap(answer -> answer instanceof JsonObject added
                        ? added.number("fdset-id")
                                .flatMap(number -> added.number("fd").map(own -> new Member(number, own)))
                        : Optional.empty());
    }

    /** Takes one member of a set away. */
    void remove(Member member) {
        Optional<Json> _ = ask(
                "remove-fd",
                Json.object()
                        .put("fdset-id", member.set())
                        .put("fd", member.number())
                        .build());
    }

    /** The numbers of all sets; empty if qemu does not tell. */
    Optional<Set<Long>> sets() {
        return ask("query-fdsets", Json.object().build())
                .map(sets -> sets.objects().stream()
                        .flatMap(set -> set.number("fdset-id").stream())
                        .collect(Collectors.toUnmodifiableSet()));
    }

    /** The members that a judge has given to qemu, of this service or of one before. */
    List<Member> members() {
        return members((_, opaque) -> opaque.startsWith(MARK + "/"));
    }

    /** All members of a set. */
    List<Member> members(long set) {
        return members((number, _) -> number == set);
    }

    private List<Member> members(BiPredicate<Long, String> wanted) {
        List<Member> members = new ArrayList<>();
        for (JsonObject set : ask("query-fdsets", Json.object().build())
                .orElse(Json.nothing())
                .objects()) {
            Optional<Long> number = set.number("fdset-id");
            for (Json element : set.elements("fds")) {
                if (element instanceof JsonObject one
                        && number.isPresent()
                        && wanted.test(number.get(), one.text("opaque").orElse(""))
                        && one.number("fd").isPresent()) {
                    members.add(new Member(number.get(), one.number("fd").get()));
                }
            }
        }
        return members;
    }

    /** Removes a node that nothing uses. */
    void removeNode(String name) {
        Optional<Json> _ =
                ask("blockdev-del", Json.object().put("node-name", name).build());
    }

    /** Ends a job that is concluded. */
    void dismiss(String job) {
        Optional<Json> _ = ask("job-dismiss", Json.object().put("id", job).build());
    }

    /** Takes a set away; nodes that have opened a member keep it. */
    void remove(long set) {
        Optional<Json> _ = ask("remove-fd", Json.object().put("fdset-id", set).build());
    }
}
