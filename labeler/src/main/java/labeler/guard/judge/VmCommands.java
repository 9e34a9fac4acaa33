package labeler.guard.judge;

import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import labeler.chain.ImageFormat;
import labeler.guard.graph.BlockGraph;
import labeler.guard.record.AuditEntry;
import labeler.guard.record.AuditEvent;
import labeler.guard.relay.Command;
import labeler.guard.relay.Judge;
import labeler.guard.relay.Refusal;
import labeler.guard.sense.CommandReader;
import labeler.guard.sense.Meaning;
import labeler.guard.sense.Objection;
import labeler.guard.sense.Rule;
import labeler.guard.sense.SettledHolds;
import labeler.guard.table.QmpTable;
import labeler.journal.FileHold;
import labeler.journal.HoldTrigger;
import labeler.journal.VmRecord;
import labeler.json.Json;
import labeler.json.Json.JsonObject;
import labeler.lifecycle.acquisition.JoinedFiles;
import labeler.lifecycle.follow.WrittenHeader;
import labeler.linux.Descriptor;
import labeler.linux.HostPath;
import labeler.problem.Problem;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Does one command after another, and settles what the VM holds after each. For the judge's own thread. */
final class VmCommands {
    private static final Logger LOG = LoggerFactory.getLogger(VmCommands.class);

    /** The states of a migration in which qemu uses its file; {@code none} comes before the first one. */
    private static final Set<String> MIGRATING = Set.of(
            "setup", "active", "device", "pre-switchover", "wait-unplug", "postcopy-active", "cancelling", "colo");

    /** The limit for a qemu that lies: the log serves other VMs as well. */
    private static final int MOST_TOLD = 16;

    private final JudgeMeans means;
    private final VmState state;
    private final CommandPreparer preparer;
    private final HeldNames names = new HeldNames();
    private final Leftovers leftovers;
    private final SettlingFiles settling = new SettlingFiles();
    private final Runnable settleLater;
    private volatile CompletableFuture<Optional<Answered>> waiting =
            CompletableFuture.completedFuture(Optional.empty());
    private volatile boolean isAbandoned;

    /** A service that was killed may have put holds on record, and not yet set the labels that follow from them. */
    private boolean isMended;

    /** qemu's answer, which the client gets when its effects are settled. */
    private record Answered(JsonObject message, Runnable done) {
        boolean isDone() {
            return message.get("return").isPresent();
        }
    }

    /** @param settleLater has {@link #settle} called once after {@link SettlingFiles#TIME} */
    VmCommands(JudgeMeans means, VmState state, Runnable settleLater) {
        this.means = means;
        this.state = state;
        this.preparer = new CommandPreparer(means, state);
        this.settleLater = settleLater;
        this.leftovers = new Leftovers(means, state);
    }

    /** The answer if the guard itself cannot go on. */
    Refusal fault() {
        return new Objection(Rule.S15, "the guard cannot judge now; see the service's log, and try again").refusal();
    }

    /** Judges a command by its meaning, and does it. */
    void run(Client client, Command command, QmpTable table) {
        long begin = System.nanoTime();
        long number = state.next();
        switch (preparer.prepare(number, client, command, table)) {
            case Prepared.Refused refused -> refuse(client, command, refused, begin);
            case Prepared.Ready ready -> send(client, ready, begin);
        }
    }

    /** Sends a command of which nothing is known but that the settings allow it. */
    void send(Client client, Command command) {
        client.close();
        SettledHolds.Done done = new SettledHolds.Done(Map.of(), new HoldTrigger.Settling());
        send(
                client,
                new Prepared.Ready(
                        state.next(),
                        command.name(),
                        command,
                        List.of(),
                        Meaning.NOTHING,
                        Optional.empty(),
                        done,
                        List.of(),
                        Optional.empty()),
                System.nanoTime());
    }

    /** What qemu had at the last look. */
    BlockGraph graph() {
        return state.nodes().graph();
    }

    /** Answers in qemu's stead. */
    void refuse(Client client, Command command, Objection objection) {
        refuse(client, command, new Prepared.Refused(objection), System.nanoTime());
    }

    private void refuse(Client client, Command command, Prepared.Refused refused, long begin) {
        client.close();
        Objection objection = refused.objection();
        // Whoever has the answer finds it on record.
        means.log()
                .add(AuditEntry.command(means.vm(), client.peer(), state.next(), command.name())
                        .files(refused.files())
                        .refused(objection.rule().name(), objection.message())
                        .took(Duration.ofNanos(System.nanoTime() - begin)));
        client.verdict().accept(new Judge.Refuse(objection.refusal()));
    }

    private void send(Client client, Prepared.Ready ready, long begin) {
        Optional<Answered> answered = answer(client, ready.command(), ready.descriptors());
        try {
            ready.taken().ifPresent(JoinedFiles::close);
            answered.ifPresent(one -> settle(ready, one));
            means.log()
                    .add(CommandEntry.of(means.vm(), client.peer(), ready, answered.map(Answered::message))
                            .took(Duration.ofNanos(System.nanoTime() - begin)));
        } finally {
            // qemu has answered, whatever fault the guard has: its answer is the only one.
            answered.ifPresent(one -> one.done().run());
        }
    }

    private void settle(Prepared.Ready ready, Answered answered) {
        boolean isDone = answered.isDone();
        SettledHolds.Answer answer = isDone ? learn(ready, answered.message()) : new SettledHolds.Failed();
        if (!isDone) {
            state.descriptors().letGo(ready.command(), held(), means.qemu()).forEach(state::end);
        }
        known(isDone ? ready.headers() : Map.of());
        settle(Map.of(ready.number(), answer));
        if (!isDone) {
            ready.taken().ifPresent(taken -> report(means.files().remove(means.run(), taken.made())));
        }
        removeSets(ready, isDone);
    }

    /** What qemu's answer tells beside its effects. */
    private SettledHolds.Done learn(Prepared.Ready ready, JsonObject message) {
        ready.meaning().ended().forEach(state::end);
        ready.meaning().job().ifPresent(job -> state.headers(job, ready.headers()));
        handOn(state.descriptors().handedOn(ready.command()));
        state.descriptor(ready.command());
        if (ready.command().name().equals("blockdev-add")) {
            state.added(ready.command().arguments());
            state.standing(ready.command().arguments());
        }
        Optional<Long> set = message.get("return").orElse(Json.nothing()) instanceof JsonObject made
                ? made.number("fdset-id")
                : Optional.empty();
        if (ready.received().isEmpty() || set.isEmpty()) {
            return ready.done();
        }
        HostPath file = ready.received().get();
        state.set(set.get(), file);
        HoldTrigger end = CommandReader.descriptorSet(set.get());
        return new SettledHolds.Done(Map.of(file, end), end);
    }

    /** qemu closes these descriptors with what has taken them. */
    private void handOn(Map<HoldTrigger, HoldTrigger> handed) {
        if (!handed.isEmpty()) {
            means.files()
                    .settle(
                            means.run(),
                            holds -> holds.stream()
                                    .map(hold -> hold.until(handed.getOrDefault(hold.trigger(), hold.trigger())))
                                    .toList());
        }
    }

    /** A job may open the members again until its end. */
    private void removeSets(Prepared.Ready ready, boolean isDone) {
        Optional<String> job = ready.meaning().job().filter(_ -> isDone);
        if (job.isPresent()) {
            state.keep(job.get(), ready.sets());
        } else {
            remove(ready.sets());
        }
    }

    /** Takes sets away; before that, the nodes that were formatted are opened anew by their members. */
    private void remove(List<Long> sets) {
        for (long set : sets) {
            state.renewed(set).ifPresent(node -> {
                means.qemu().removeNode(VmState.nodeOf(set));
                means.qemu().removeNode(node.text("node-name").orElse(""));
                Optional<Json> _ = means.qemu().ask("blockdev-add", node);
                state.standing(node);
            });
        }
        sets.forEach(means.qemu()::remove);
    }

    private Optional<Answered> answer(Client client, Command command, List<Descriptor> descriptors) {
        CompletableFuture<Optional<Answered>> answer = new CompletableFuture<>();
        waiting = answer;
        client.verdict()
                .accept(new Judge.Send(
                        command,
                        descriptors,
                        (message, done) -> answer.complete(Optional.of(new Answered(message, done)))));
        if (isAbandoned) {
            answer.complete(Optional.empty());
        }
        return answer.join();
    }

    /** The monitor has ended: nobody waits for an answer any more. For all threads. */
    void abandon() {
        isAbandoned = true;
        waiting.complete(Optional.empty());
    }

    /** Something has ended without a command. */
    void end(HoldTrigger trigger) {
        if (held().stream().anyMatch(hold -> hold.trigger().equals(trigger))) {
            state.end(trigger);
        }
    }

    private List<FileHold> held() {
        return means.files().vm(means.run()).map(VmRecord::files).orElse(List.of());
    }

    /** What a service that was killed has left in qemu goes, and its holds are settled. */
    void begin() {
        if (!state.isObserved()) {
            leftovers.begin(held());
        }
        settle();
    }

    /** Looks at qemu, and gives the VM's files the labels that they need now. */
    void settle() {
        settle(Map.of());
    }

    private Optional<BlockGraph> look() {
        return isAbandoned ? Optional.empty() : means.qemu().look();
    }

    private void settle(Map<Long, SettledHolds.Answer> answers) {
        Optional<BlockGraph> graph = look();
        Optional<VmRecord> vm = means.files().vm(means.run());
        if (graph.isEmpty() || vm.isEmpty()) {
            if (!isAbandoned) {
                doubt(Optional.of("qemu does not tell of its block devices"));
                settleLater.run();
            }
            return;
        }
        doubt(state.moved(graph.get()));
        if (state.doubt().isPresent()) {
            // Nothing follows from it: what the VM holds, it holds on.
            return;
        }
        state.look(names.named(graph.get(), vm.get().files(), vm.get().directory()));
        List<String> copies = state.unusedCopies();
        if (!copies.isEmpty()) {
            copies.forEach(means.qemu()::removeNode);
            look().ifPresent(now ->
                    state.look(names.named(now, vm.get().files(), vm.get().directory())));
        }
        if (state.isObserved()) {
            return;
        }
        leftovers.remove(graph.get());
        endMigration(vm.get());
        state.descriptors().gone(means.qemu()).forEach(state::end);
        SettledHolds settlement = state.settlement(answers, closed());
        Map<HostPath, ImageFormat> headers = new LinkedHashMap<>(state.headersOfJobs());
        headers.putAll(settlement.written(vm.get().files()));
        List<FileHold> now = settlement.of(vm.get().files());
        settling.settled(vm.get().files(), answers.keySet(), now);
        known(headers);
        boolean isNew = !now.equals(vm.get().files());
        if (isNew || !isMended) {
            report(means.files().settle(means.run(), settlement::of).problems());
            isMended = true;
            if (isNew && answers.isEmpty()) {
                CommandEntry.released(means.vm(), vm.get().files(), now).ifPresent(means.log()::add);
            }
        }
        remove(state.unused());
        NamelessFiles nameless = new NamelessFiles(now);
        drift(settlement.drift(now).stream().filter(file -> !nameless.has(file)).toList());
        state.untold().stream().limit(MOST_TOLD).forEach(this::drifted);
        if (now.stream().anyMatch(VmCommands::isTimed) || state.isTellingNext()) {
            settleLater.run();
        }
    }

    /** Whether no event tells of the end of the hold. */
    private static boolean isTimed(FileHold hold) {
        return SettlingFiles.isSettling(hold) || hold.trigger() instanceof HoldTrigger.Migration;
    }

    private static boolean has(VmRecord vm, Class<? extends HoldTrigger> trigger) {
        return vm.files().stream().anyMatch(hold -> trigger.isInstance(hold.trigger()));
    }

    /** qemu tells of a migration's end only if its client has asked for such events. */
    private void endMigration(VmRecord vm) {
        if (has(vm, HoldTrigger.Migration.class)
                && !MIGRATING.contains(means.qemu().status("query-migrate").orElse(""))) {
            end(new HoldTrigger.Migration());
        }
    }

    /** A dump that goes on beside other commands has its file open until it is over. */
    private Set<HostPath> closed() {
        Set<HostPath> closed = settling.closed();
        boolean isDumping =
                !closed.isEmpty() && means.qemu().status("query-dump").equals(Optional.of("active"));
        return isDumping ? Set.of() : closed;
    }

    /** What a command wrote into a header is known; what the guest's qemu writes by itself is not. */
    private void known(Map<HostPath, ImageFormat> headers) {
        if (!headers.isEmpty()) {
            report(means.files()
                    .known(
                            means.run(),
                            headers.entrySet().stream()
                                    .map(header -> new WrittenHeader(header.getKey(), header.getValue()))
                                    .toList()));
        }
    }

    private void report(List<Problem> problems) {
        problems.stream()
                .limit(MOST_TOLD)
                .forEach(problem -> LOG.warn(
                        "VM {}: {}{}",
                        means.vm(),
                        problem.file().map(file -> file + ": ").orElse(""),
                        problem.message()));
        if (problems.size() > MOST_TOLD) {
            LOG.warn("VM {}: {} more like these", means.vm(), problems.size() - MOST_TOLD);
        }
    }

    /** What qemu tells cannot be. */
    private void doubt(Optional<String> why) {
        why.filter(reason -> !state.doubt().equals(Optional.of(reason))).ifPresent(this::drifted);
        state.doubt(why);
    }

    private void drifted(String message) {
        LOG.warn("VM {}: {}", means.vm(), message);
        means.log().add(AuditEntry.of(AuditEvent.DRIFT, means.vm()).saying(message));
    }

    /** qemu has files that it was not given: that is told once for each. */
    private void drift(List<HostPath> files) {
        List<HostPath> unknown =
                files.stream().filter(file -> !state.drift().contains(file)).toList();
        unknown.stream()
                .limit(MOST_TOLD)
                .forEach(file -> drifted("qemu has " + file.printable() + " open, which the VM does not hold"));
        if (unknown.size() > MOST_TOLD) {
            drifted("qemu has " + (unknown.size() - MOST_TOLD) + " more files open, which the VM does not hold");
        }
        state.drift(new HashSet<>(files));
    }
}
