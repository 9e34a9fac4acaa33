package labeler.guard.judge;

import java.time.Duration;
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
import labeler.guard.relay.OwnQuestion;
import labeler.guard.relay.Questions;
import labeler.json.Json;
import labeler.json.Json.JsonArray;
import labeler.json.Json.JsonObject;
import labeler.linux.Descriptor;

/**
 * The guard's own questions to a qemu, and its own steps there. Each waits for its answer, but not for ever: qemu may hang.
 * Then it may still do what it has got, when it goes on; until it has answered, nothing else is asked.
 */
final class QemuDialogue {
    /** The beginning of the text that goes with a descriptor of a judge's. */
    private static final String MARK = "labeler ";

    private final Questions qemu;

    /** The last question whose answer has not come in time. For the judge's own thread. */
    private CompletableFuture<Optional<JsonObject>> overdue = CompletableFuture.completedFuture(Optional.empty());

    QemuDialogue(Questions qemu) {
        this.qemu = qemu;
    }

    /** The outcome of a step. */
    sealed interface Told {
        /** The value of the answer. */
        default Optional<Json> value() {
            return this instanceof Done(Json answer) ? Optional.of(answer) : Optional.empty();
        }

        /** Whether qemu has got it. */
        default boolean isSent() {
            return !(this instanceof Refused(boolean isByQemu)) || isByQemu;
        }

        /** Whether qemu has answered, with a value or an error. */
        default boolean isAnswered() {
            return this instanceof Done || (this instanceof Refused(boolean isByQemu) && isByQemu);
        }
    }

    record Done(Json answer) implements Told {}

    /**
     * It is not done, and never will be.
     *
     * @param isByQemu whether qemu says so; otherwise it has not got the step
     */
    record Refused(boolean isByQemu) implements Told {}

    /** qemu has got it, and has not answered: it may do it later. Or the monitor has ended before the answer. */
    record NotKnown() implements Told {}

    /** The value of the answer; empty for an error, or none. */
    Optional<Json> ask(String name, JsonObject arguments) {
        return tell(name, arguments).value();
    }

    /** Has qemu do something. */
    Told tell(String name, JsonObject arguments) {
        return tell(name, arguments, List.of());
    }

    private Told tell(String name, JsonObject arguments, List<Descriptor> descriptors) {
        return isOverdue() ? new Refused(false) : told(send(name, arguments, descriptors));
    }

    /** Whether qemu owes an answer. Nothing is asked until it has come. */
    boolean isOverdue() {
        return !overdue.isDone();
    }

    /** How long an answer is waited for. */
    Duration patience() {
        return qemu.patience();
    }

    /** All that this qemu understands; empty if it has not answered, and at once while it owes an answer. */
    Optional<Json> schema() {
        return ask("query-qmp-schema", Json.object().build());
    }

    private OwnQuestion send(String name, JsonObject arguments, List<Descriptor> descriptors) {
        return qemu.ask(new Command(name, arguments, false, Optional.empty()), descriptors);
    }

    private Told told(OwnQuestion question) {
        // Answers come in the order of questions.
        Duration patience = isOverdue() ? Duration.ZERO : qemu.patience();
        try {
            return question.answer()
                    .get(patience.toMillis(), TimeUnit.MILLISECONDS)
                    .<Told>map(message ->
                            message.get("return").<Told>map(Done::new).orElse(new Refused(true)))
                    .orElse(new NotKnown());
        } catch (TimeoutException e) {
            if (question.withdraw()) {
                return new Refused(false);
            }
            overdue = question.answer();
            return new NotKnown();
        } catch (ExecutionException e) {
            return new NotKnown();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new NotKnown();
        }
    }

    /** Looks at nodes, edges, devices and jobs at once; empty if qemu does not answer, or tells what cannot be. */
    Optional<BlockGraph> look() {
        if (isOverdue()) {
            return Optional.empty();
        }
        List<OwnQuestion> asked = new ArrayList<>();
        for (String name : Look.COMMANDS) {
            boolean isFlat = name.equals("query-named-block-nodes");
            asked.add(send(
                    name,
                    isFlat
                            ? Json.object().put("flat", true).build()
                            : Json.object().build(),
                    List.of()));
        }
        // An error is no empty list: one node that qemu cannot tell of makes the whole question fail.
        List<Json> values = asked.stream()
                .map(this::told)
                .flatMap(told -> told.value().stream())
                .toList();
        return values.size() < asked.size()
                ? Optional.empty()
                : Optional.of(new Look(values.get(0), values.get(1), values.get(2), values.get(3)).read())
                        .filter(BlockGraph::isPossible);
    }

    /** The status that a question tells, {@code none} before there was any; empty if qemu does not answer. */
    Optional<String> status(String question) {
        return ask(question, Json.object().build())
                .flatMap(answer -> answer instanceof JsonObject object
                        ? Optional.of(object.text("status").orElse("none"))
                        : Optional.empty());
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
     * @return empty if qemu refuses, or has not answered
     */
    Optional<Member> add(Descriptor descriptor, Optional<Long> set, String opaque) {
        Json.ObjectBuilder arguments = Json.object().put("opaque", opaque);
        set.ifPresent(number -> arguments.put("fdset-id", number));
        return tell("add-fd", arguments.build(), List.of(descriptor))
                .value()
                .flatMap(answer -> answer instanceof JsonObject added
                        ? added.number("fdset-id")
                                .flatMap(number -> added.number("fd").map(own -> new Member(number, own)))
                        : Optional.empty());
    }

    /** Takes one member of a set away. */
    Told remove(Member member) {
        return tell(
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

    /** The members that a judge has given to qemu, of this service or of one before; empty if qemu does not tell. */
    Optional<List<Member>> members() {
        return members((_, opaque) -> opaque.startsWith(MARK + "/"));
    }

    /** All members of these sets; empty if qemu does not tell. */
    Optional<List<Member>> members(Set<Long> sets) {
        return members((number, _) -> sets.contains(number));
    }

    private Optional<List<Member>> members(BiPredicate<Long, String> wanted) {
        return ask("query-fdsets", Json.object().build()).map(sets -> members(sets, wanted));
    }

    private static List<Member> members(Json sets, BiPredicate<Long, String> wanted) {
        List<Member> members = new ArrayList<>();
        for (JsonObject set : sets.objects()) {
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
    Told removeNode(String name) {
        return tell("blockdev-del", Json.object().put("node-name", name).build());
    }

    /** Ends a job that is concluded. */
    Told dismiss(String job) {
        return tell("job-dismiss", Json.object().put("id", job).build());
    }

    /** Takes a set away; nodes that have opened a member keep it. */
    Told remove(long set) {
        return tell("remove-fd", Json.object().put("fdset-id", set).build());
    }
}
