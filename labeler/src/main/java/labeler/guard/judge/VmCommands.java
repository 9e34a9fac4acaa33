package labeler.guard.judge;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import java.util.stream.Stream;
import labeler.guard.graph.BlockGraph;
import labeler.guard.record.AuditEntry;
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
import labeler.linux.Descriptor;
import labeler.linux.HostPath;
import labeler.problem.Problem;

/** Does one command after another, and settles what the VM holds after each. For the judge's own thread. */
final class VmCommands {
    private final JudgeMeans means;
    private final VmState state;
    private final CommandPreparer preparer;
    private final HeldNames names = new HeldNames();
    private final Leftovers leftovers;
    private final SettlingFiles settling = new SettlingFiles(System::nanoTime);
    private final ToldEnds told;
    private final JudgeReports reports;
    private final Runnable settleLater;
    private volatile CompletableFuture<Optional<Answered>> waiting =
            CompletableFuture.completedFuture(Optional.empty());
    private volatile boolean isAbandoned;

    /** As it was on record before the last look: of what joined since, the look may not tell. */
    private Optional<VmRecord> seen = Optional.empty();

    /** Whether what a service that was killed has left in qemu is known. */
    private boolean isBegun;

    /** A service that was killed may have put holds on record, and not yet set the labels that follow from them. */
    private boolean isMended;

    /**
     * qemu's answer, which the client gets when its effects are settled.
     *
     * @param ended what events had ended before it
     */
    private record Answered(JsonObject message, Set<HoldTrigger> ended, Runnable done) {
        Answered {
            ended = Set.copyOf(ended);
        }

        boolean isDone() {
            return message.get("return").isPresent();
        }
    }

    /** @param settleLater has {@link #settle} called once after {@link SettlingFiles#TIME} */
    VmCommands(JudgeMeans means, VmState state, ToldEnds told, Runnable settleLater) {
        this.means = means;
        this.state = state;
        this.told = told;
        this.reports = new JudgeReports(means, state, names);
        this.leftovers = new Leftovers(means, state);
        this.preparer = new CommandPreparer(means, state, leftovers);
        this.settleLater = settleLater;
        this.isBegun = state.isObserved();
    }

    /** The answer if the guard itself cannot go on. */
    Refusal fault() {
        return new Objection(Rule.S15, "the guard cannot judge now; see the service's log, and try again").refusal();
    }

    /** Judges a command by its meaning, and does it. */
    void run(Client client, Command command, QmpTable table) {
        long begin = System.nanoTime();
        if (CommandReader.isSwitching(command.name()) && state.hasOwnSets()) {
            boolean _ = look();
        }
        long number = state.next();
        state.pending().begins(number);
        try {
            switch (prepared(number, client, command, table)) {
                case Prepared.Refused refused -> {
                    if (leftovers.isUntidy()) {
                        settle();
                    } else if (!state.pending().isEmpty()) {
                        settleLater.run();
                    }
                    refuse(client, command, refused, begin);
                }
                case Prepared.Ready ready -> send(client, ready, begin);
            }
        } finally {
            state.pending().leaves(number);
        }
    }

    private Prepared prepared(long number, Client client, Command command, QmpTable table) {
        boolean isDecided = false;
        try {
            Prepared prepared = preparer.prepare(number, client, command, table);
            isDecided = true;
            return prepared;
        } finally {
            if (!isDecided && !leftovers.owes(number)) {
                // A fault: qemu never sees the command.
                state.pending().answered(number, new SettledHolds.Failed(), means.held());
            }
        }
    }

    /** Sends a command of which nothing is known but that the settings allow it. */
    void send(Client client, Command command) {
        client.close();
        SettledHolds.Done done = new SettledHolds.Done(Map.of(), new HoldTrigger.Settling(), Set.of());
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

    /** The graph that qemu had at the last look. */
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
        // A client that has the answer finds it on record.
        means.log()
                .add(AuditEntry.command(means.vm(), client.peer(), state.next(), command.name())
                        .files(refused.files())
                        .refused(objection.rule().name(), objection.message())
                        .took(Duration.ofNanos(System.nanoTime() - begin)));
        client.verdict().accept(new Judge.Refuse(objection.refusal()));
    }

    private void send(Client client, Prepared.Ready ready, long begin) {
        Optional<Answered> answered = answer(client, ready.command(), ready.descriptors());
        reports.begins();
        try {
            ready.taken().ifPresent(JoinedFiles::close);
            answered.ifPresent(one -> settle(ready, one));
            reports.command(client, ready, answered.map(Answered::message), begin);
        } finally {
            reports.ends();
            // qemu has answered, whatever fault the guard has: its answer is the only one.
            answered.ifPresent(one -> one.done().run());
        }
    }

    private void settle(Prepared.Ready ready, Answered answered) {
        boolean isDone = answered.isDone();
        answered.ended().forEach(this::end);
        SettledHolds.Answer answer = isDone ? learn(ready, answered.message()) : new SettledHolds.Failed();
        state.pending().answered(ready.number(), answer, means.held());
        if (!isDone) {
            state.descriptors()
                    .letGo(ready.command(), means.held(), means.qemu())
                    .forEach(this::end);
        }
        if (isDone) {
            state.headers().written(ready.headers());
            reports.problems(recordHeaders());
        }
        // A hold ends when qemu has no descriptor of its file any more.
        removeSets(ready, isDone);
        if (!isDone) {
            ready.taken().ifPresent(taken -> leftovers.undone(ready.number(), taken));
        }
        settle();
    }

    /** Takes note of ended holds, jobs, descriptors and sets in qemu's answer. */
    private SettledHolds.Done learn(Prepared.Ready ready, JsonObject message) {
        ready.meaning().ended().forEach(this::end);
        ready.meaning().job().ifPresent(job -> state.headers().job(job, ready.headers()));
        state.pending().handedOn(state.descriptors().handedOn(ready.command()), means.held());
        state.descriptors().done(ready.command()).ifPresent(this::end);
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
        return new SettledHolds.Done(Map.of(file, end), end, Set.of());
    }

    /** A job, or a migration, may open the members again until its end. */
    private void removeSets(Prepared.Ready ready, boolean isDone) {
        if (isDone && ready.meaning().job().isPresent()) {
            state.kept().ofJob(ready.meaning().job().get(), ready.sets());
        } else if (isDone && ready.done().rest() instanceof HoldTrigger.Migration) {
            state.kept().ofMigration(ready.sets());
        } else {
            boolean _ = leftovers.remove(
                    ready.sets().stream().filter(set -> !state.kept().has(set)).toList());
        }
    }

    private Optional<Answered> answer(Client client, Command command, List<Descriptor> descriptors) {
        CompletableFuture<Optional<Answered>> answer = new CompletableFuture<>();
        waiting = answer;
        client.verdict()
                .accept(new Judge.Send(
                        command,
                        descriptors,
                        (message, done) -> answer.complete(Optional.of(new Answered(message, told.take(), done)))));
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

    /** The monitor has ended, and nothing is sent any more. The next judge decides about the present holds. */
    void close() {
        leftovers.owed().values().forEach(JoinedFiles::close);
    }

    /** Something has ended, with a command or without. */
    void end(HoldTrigger trigger) {
        state.pending().end(trigger, means.held());
        state.kept().ended(trigger);
    }

    /** Looks at qemu, and gives the VM's files the labels that they need now. */
    void settle() {
        if (!look()) {
            return;
        }
        List<String> copies = state.unusedCopies();
        for (String copy : copies) {
            QemuDialogue.Told _ = means.qemu().removeNode(copy);
        }
        boolean isUntidy = leftovers.isUntidy();
        if (isUntidy && !leftovers.tidy(state.nodes().graph())) {
            settleLater.run();
            return;
        }
        if (!(copies.isEmpty() && !isUntidy) && !look()) {
            return;
        }
        if (!state.isObserved()) {
            settleNow();
        } else {
            var _ = leftovers.goneSets(List.of());
            reports.again(recordHeaders());
        }
        if (state.headers().isAnyOwed()) {
            settleLater.run();
        }
    }

    /** @return whether what qemu tells is believed; leftovers of a killed service are removed first */
    private boolean look() {
        isBegun = isBegun || (!isAbandoned && leftovers.begin(means.held()));
        seen = means.files().vm(means.run());
        Optional<BlockGraph> graph = isBegun && !isAbandoned ? means.qemu().look() : Optional.empty();
        Optional<VmRecord> vm = means.files().vm(means.run());
        if (graph.isEmpty() || vm.isEmpty()) {
            if (!isAbandoned) {
                reports.doubt(Optional.of("qemu does not tell of its block devices"));
                settleLater.run();
            }
            return false;
        }
        reports.doubt(state.moved(graph.get()));
        if (state.doubt().isPresent()) {
            // Nothing follows from it: what the VM holds, it holds on.
            if (leftovers.isUntidy()
                    || !state.pending().isEmpty()
                    || state.headers().isAnyOwed()) {
                settleLater.run();
            }
            return false;
        }
        state.look(names.named(graph.get(), vm.get().files(), vm.get().start().directory()));
        return true;
    }

    /** The look tells of a disk whose attach did not hear of qemu's answer, or that is on record from earlier. */
    private void seeJoined(VmRecord before) {
        VmRecord known = before.having(disk -> graph().hasDisk(disk.device(), disk.nodes()));
        if (!known.equals(before)) {
            means.files().joined(means.run(), known);
            seen = Optional.of(known);
        }
    }

    private void settleNow() {
        seen.ifPresent(this::seeJoined);
        leftovers.removeEarlier(state.nodes().graph(), means.held());
        leftovers.owed().forEach((number, taken) -> {
            taken.close();
            state.pending().answered(number, new SettledHolds.Undone(), means.held());
        });
        new AskedEnds(means.qemu()).of(state.pending().ends(means.held())).forEach(this::end);
        List<FileHold> untold = leftovers.ended(means.held());
        Predicate<FileHold> isKept = hold -> state.headers().isOwed(hold)
                || untold.contains(hold)
                || seen.filter(vm -> vm.isJoining(hold)).isPresent();
        if (!leftovers.remove(state.unused())) {
            settleLater.run();
            return;
        }
        boolean isSplit = state.pending().isSplit();
        record(isKept);
        if (isSplit && !state.pending().isSplit()) {
            record(isKept);
        }
        List<FileHold> held = means.held();
        reports.problems(leftovers.removeMade(held));
        reports.drift(held);
        reports.unknown();
        if (leftovers.isUntidy()
                || leftovers.isAsking()
                || leftovers.isAnyMade(held)
                || state.isTellingNext()
                || held.stream().anyMatch(SettlingFiles::isTimed)) {
            settleLater.run();
        }
    }

    /** Puts on record what follows from the last look, as far as the journal takes it; the rest is tried again. */
    private void record(Predicate<FileHold> isKept) {
        List<FileHold> before = means.held();
        SettledHolds settlement = state.pending().settlement(state.nodes(), settling.closed());
        state.headersOfJobs();
        state.headers().written(settlement.written(before));
        List<Problem> unread = recordHeaders();
        List<FileHold> now = settlement.of(before, isKept);
        settling.settled(before, now);
        if (!now.equals(before) || !isMended) {
            List<Problem> problems = means.files()
                    .settle(means.run(), holds -> settlement.of(holds, isKept))
                    .problems();
            reports.again(Stream.concat(unread.stream(), problems.stream()).toList());
            List<FileHold> held = means.held();
            isMended = problems.stream().noneMatch(problem -> problem.kind() == Problem.Kind.JOURNAL_FAILED);
            if (!isMended || !held.equals(now)) {
                settleLater.run();
            }
            reports.changed(before, held);
        } else {
            reports.again(unread);
        }
        state.pending().recorded(means.held());
    }

    /** A header that a command wrote is known; one that the guest's qemu writes by itself is not. */
    private List<Problem> recordHeaders() {
        return state.headers().record(written -> means.files().known(means.run(), written));
    }
}
