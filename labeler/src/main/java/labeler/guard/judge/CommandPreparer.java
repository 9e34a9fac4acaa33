package labeler.guard.judge;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import labeler.chain.Access;
import labeler.chain.FileName;
import labeler.chain.ImageFormat;
import labeler.chain.ImageRequest;
import labeler.guard.graph.Node;
import labeler.guard.relay.Command;
import labeler.guard.sense.CommandReader;
import labeler.guard.sense.FatalCommands;
import labeler.guard.sense.FileRules;
import labeler.guard.sense.ImpliedArguments;
import labeler.guard.sense.Meaning;
import labeler.guard.sense.Objection;
import labeler.guard.sense.Rule;
import labeler.guard.sense.SettledHolds;
import labeler.guard.sense.Situation;
import labeler.guard.sense.UsedSets;
import labeler.guard.sense.Want;
import labeler.guard.table.CommandClass;
import labeler.guard.table.Mention;
import labeler.guard.table.QmpTable;
import labeler.journal.FileHold;
import labeler.journal.HoldTrigger;
import labeler.journal.VmRecord;
import labeler.lifecycle.acquisition.JoinedFiles;
import labeler.lifecycle.follow.TakeOutcome;
import labeler.lifecycle.follow.WantedFiles;
import labeler.linux.HostPath;
import labeler.problem.Problem;
import labeler.problem.QuotedText;
import labeler.vm.DeclaredUse;
import labeler.vm.FileRole;
import labeler.vm.Origin;
import labeler.vm.UseAccess;
import labeler.vm.VmDefinition;

/** Judges a command by its meaning, and gets its files ready: on record, labelled, or open to be handed over. */
record CommandPreparer(JudgeMeans means, VmState state, Leftovers leftovers) {
    /** Nothing has changed if the command is refused. */
    Prepared prepare(long number, Client client, Command asked, QmpTable table) {
        Command command = ImpliedArguments.written(asked, state.nodes().graph());
        Optional<VmRecord> vm = means.files().vm(means.run());
        Optional<Objection> obstacle = obstacle(vm, command, table);
        if (obstacle.isPresent()) {
            return new Prepared.Refused(obstacle.get());
        }
        SentDescriptor sent = SentDescriptor.of(client.descriptors(), command, state);
        if (sent.refused().isPresent()) {
            return new Prepared.Refused(sent.refused().get());
        }
        return switch (read(command, table)) {
            case QmpTable.NotKnown(String what) ->
                new Prepared.Refused(new Objection(
                        command.name().equals("device_add") ? Rule.C5 : Rule.C1,
                        what + ", which the guard does not know, and it could name a file; leave it out"));
            case QmpTable.Known(List<Mention> mentions) -> {
                Optional<Objection> mixed =
                        sent.mixed(vm.orElseThrow().files(), state.nodes(), means.files()::recorded);
                yield mixed.isPresent()
                        ? new Prepared.Refused(mixed.get())
                        : named(new Request(number, client, command, vm.orElseThrow(), sent), mentions);
            }
        };
    }

    private record Request(long number, Client client, Command command, VmRecord vm, SentDescriptor sent) {}

    private Optional<Objection> obstacle(Optional<VmRecord> vm, Command command, QmpTable table) {
        if (vm.filter(now -> now.phase() == VmRecord.Phase.RUNNING).isEmpty()) {
            return Optional.of(new Objection(Rule.S15, "VM " + means.vm() + " is being started or stopped; wait"));
        }
        Optional<Objection> fatal = new FatalCommands(means.qemu()::look).objection(command);
        return fatal.isEmpty() && table.classOf(command.name()) == CommandClass.USE ? disbelief() : fatal;
    }

    /** Why no file is taken because of what qemu tells: commands only give back then. */
    private Optional<Objection> disbelief() {
        Optional<String> doubt = leftovers.isUntidy()
                ? Optional.of("qemu has not done yet what the guard has asked of it for a command before")
                : state.doubt();
        if (doubt.isPresent()) {
            return Optional.of(new Objection(
                    Rule.S15, doubt.get() + "; the guard takes no files for it. If it stays so, stop the VM"));
        }
        return state.drift().stream()
                .findFirst()
                .map(file -> new Objection(
                        Rule.S15,
                        "qemu has " + file.printable()
                                + " open, which the VM does not hold; remove that node with blockdev-del first"));
    }

    /** Whether a command has no text, so that it is read without a schema. */
    static boolean isPlain(Command command, CommandClass effect) {
        return effect == CommandClass.GRAPH && command.arguments().members().isEmpty();
    }

    private QmpTable.Reading read(Command command, QmpTable table) {
        if (isPlain(command, table.classOf(command.name()))) {
            return new QmpTable.Known(List.of());
        }
        return command.name().equals("device_add")
                ? table.readDevice(
                        command.arguments(),
                        means.qemu()
                                .properties(command.arguments().text("driver").orElse("")))
                : table.read(command.name(), command.arguments());
    }

    private Prepared named(Request request, List<Mention> mentions) {
        UsedSets sets = UsedSets.of(request.command(), mentions, state::isClientSet);
        List<Mention> named = mentions.stream().map(state::withFile).toList();
        return switch (meaning(
                request, sets.others(mentions).stream().map(state::withFile).toList(), sets)) {
            case Prepared.Refused refused -> refused.naming(new RefusedFiles(request.command()).of(named));
            case Prepared.Ready ready -> ready;
        };
    }

    private Prepared meaning(Request request, List<Mention> named, UsedSets sets) {
        Optional<Objection> unfit = state.isObserved()
                ? Optional.empty()
                : sets.objection(request.vm().files(), state.descriptors().names());
        if (unfit.isPresent()) {
            return new Prepared.Refused(unfit.get());
        }
        Command analysed = state.withFiles(request.command());
        Situation situation = new Situation(
                state.nodes(),
                means.names(),
                means.permissions(),
                state.descriptors().names());
        return switch (CommandReader.read(analysed, named, situation)) {
            case CommandReader.Senseless(Objection objection) -> new Prepared.Refused(objection);
            case CommandReader.Sensible(Meaning meaning) -> {
                FileCheck check = new FileCheck(new FileRules(meaning, situation), request.sent());
                Optional<Objection> strange = strange(request.vm(), meaning);
                Meaning whole = meaning.with(request.sent().wants());
                yield strange.isPresent()
                        ? new Prepared.Refused(strange.get())
                        : sets.isEmpty() || state.isObserved()
                                ? take(request, whole, check)
                                : withSets(request, sets, whole, check);
            }
        };
    }

    /** A name that the guest's qemu has written into the header of an image goes into no chain. */
    private Optional<Objection> strange(VmRecord vm, Meaning meaning) {
        Set<HostPath> images = new HashSet<>(meaning.headers().keySet());
        meaning.reopened().forEach(node -> state.nodes().path(node).ifPresent(images::add));
        images.removeAll(state.headers().unread());
        vm.files().stream().filter(hold -> isUnsettled(hold.trigger())).forEach(hold -> images.remove(hold.path()));
        return images.isEmpty() || state.isObserved()
                ? Optional.empty()
                : means.files().strange(means.run(), images).stream()
                        .findFirst()
                        .map(problem -> Objection.of(
                                problem.kind() == Problem.Kind.NEW_REFERENCE ? Rule.S12 : Rule.of(problem.kind()),
                                problem));
    }

    /** Also the files of clients' sets are held for the command, on record before qemu sees it. */
    private Prepared withSets(Request request, UsedSets sets, Meaning meaning, FileCheck check) {
        Map<HostPath, HoldTrigger> ends = sets.ends(request.vm().files());
        HoldTrigger.Command trigger = new HoldTrigger.Command(request.number(), then(ends.values()));
        List<Problem> problems = means.files()
                .settle(means.run(), holds -> sets.with(holds, trigger))
                .problems();
        boolean isHeld = means.held().stream().anyMatch(hold -> hold.trigger().isCommand(request.number()));
        if (!isHeld) {
            return new Prepared.Refused(problems.stream()
                    .findFirst()
                    .map(problem -> Objection.of(Rule.of(problem.kind()), problem))
                    .orElse(new Objection(Rule.S15, "the files of these sets are not the VM's any more; try again")));
        }
        return switch (take(request, meaning, check)) {
            case Prepared.Refused refused -> {
                if (!leftovers.owes(request.number())) {
                    letGo(request.number());
                }
                yield refused;
            }
            case Prepared.Ready ready -> {
                ends.putAll(ready.done().ends());
                yield ready.until(new SettledHolds.Done(
                        ends, ready.done().rest(), ready.done().before()));
            }
        };
    }

    /** No other command runs now: that of a service which was killed may have begun a job. */
    private static boolean isUnsettled(HoldTrigger trigger) {
        return trigger instanceof HoldTrigger.Job || trigger instanceof HoldTrigger.Command;
    }

    /**
     * The purpose of a command's files, if that is one thing: a later service asks qemu what has become of it. Beside
     * the images of a new node there may be other files of it, of which the images' nodes do not tell.
     */
    private static Optional<HoldTrigger> then(Collection<HoldTrigger> ends) {
        return ends.stream()
                .filter(end ->
                        end instanceof HoldTrigger.Node || (Set.copyOf(ends).size() == 1 && isNamed(end)))
                .findFirst();
    }

    /** Whether qemu tells of it, though no node has the file. */
    private static boolean isNamed(HoldTrigger trigger) {
        return switch (trigger) {
            case HoldTrigger.QemuObject _,
                    HoldTrigger.CharacterDevice _,
                    HoldTrigger.Migration _,
                    HoldTrigger.Dump _,
                    HoldTrigger.Node _,
                    HoldTrigger.Job _ -> true;
            case HoldTrigger.Start _,
                    HoldTrigger.Disk _,
                    HoldTrigger.Graph _,
                    HoldTrigger.Command _,
                    HoldTrigger.LiveDefinition _,
                    HoldTrigger.Settling _ -> false;
        };
    }

    private Prepared take(Request request, Meaning meaning, FileCheck check) {
        boolean needsFiles = !(meaning.wants().isEmpty() && meaning.widened().isEmpty());
        Optional<Objection> disbelief = needsFiles ? disbelief() : Optional.empty();
        if (disbelief.isPresent()) {
            return new Prepared.Refused(disbelief.get());
        }
        List<DeclaredUse> uses = new ArrayList<>();
        Map<HostPath, HoldTrigger> ends = new HashMap<>();
        for (Want want : meaning.wants()) {
            Optional<HostPath> path = want.use().names().stream().findFirst();
            if (want.isOutput()
                    && path.filter(name -> isHeld(request.vm(), name)).isPresent()) {
                return new Prepared.Refused(FileRules.isInUse(path.get()));
            }
            uses.add(want.use());
            path.ifPresent(name -> ends.put(name, want.end()));
        }
        NamelessFiles nameless = new NamelessFiles(request.vm().files());
        for (Meaning.Widening widening : meaning.widened()) {
            // After a kill of the service the hold tells that the command may have written the header.
            boolean isTold = meaning.headers().containsKey(widening.file());
            if (!nameless.isAmong(widening.file()) && (isTold || !isWritten(request.vm(), widening.file()))) {
                uses.add(widening.use());
                ends.putIfAbsent(widening.file(), widening.end());
            }
        }
        // What a migration opens again it needs until its end.
        HoldTrigger rest = CommandReader.end(request.command()) instanceof HoldTrigger.Migration migration
                ? migration
                : new HoldTrigger.Graph();
        SettledHolds.Done done =
                new SettledHolds.Done(ends, rest, state.nodes().graph().nodes().keySet());
        DescriptorRewriting rewriting =
                new DescriptorRewriting(request.command(), meaning, state, isLandlockAlone(request.vm()));
        for (Node node : rewriting.reopened()) {
            HostPath path = state.nodes().path(node).orElseThrow();
            if (uses.stream().noneMatch(use -> use.names().contains(path))) {
                uses.add(reading(node, path));
            }
        }
        if (uses.isEmpty() || state.isObserved()) {
            return ready(request, meaning, Optional.empty(), done, request.command(), List.of());
        }
        if (leftovers.isUntidy()) {
            return new Prepared.Refused(disbelief().orElseThrow());
        }
        WantedFiles wanted = new WantedFiles(
                new HoldTrigger.Command(request.number(), then(ends.isEmpty() ? Set.of(rest) : ends.values())),
                new VmDefinition(uses, List.of(), Optional.empty(), VmDefinition.Acceleration.HARDWARE, List.of()),
                request.client().peer().uid(),
                means.owner(),
                check,
                rewriting);
        return switch (means.files().take(means.run(), wanted)) {
            case TakeOutcome.Refused(List<Problem> problems) -> refused(problems.getFirst(), meaning);
            case TakeOutcome.Unfit() -> new Prepared.Refused(check.objection().orElseThrow());
            case TakeOutcome.Taken(JoinedFiles taken) -> handOver(request, meaning, taken, done, rewriting);
        };
    }

    private static boolean isLandlockAlone(VmRecord vm) {
        return vm.landlock() && !vm.confinement().selinux();
    }

    /** If qemu opens a file again by its set, the guard also opens it again. */
    private DeclaredUse reading(Node node, HostPath path) {
        ImageFormat format = state.nodes()
                .imageOf(path)
                .flatMap(image -> ImageFormat.ofDriver(image.driver()))
                .orElse(ImageFormat.RAW);
        ImageRequest image = new ImageRequest(
                FileName.of(path.bytes()),
                new ImageRequest.Declared(format),
                Access.READ_ONLY,
                new ImageRequest.NoBacking(),
                new ImageRequest.HeaderDataFile(new ImageRequest.BesideImage()));
        return new DeclaredUse.ImageUse(new Origin("node " + QuotedText.of(node.name())), FileRole.DISK, image, false);
    }

    private Prepared handOver(
            Request request,
            Meaning meaning,
            JoinedFiles taken,
            SettledHolds.Done done,
            DescriptorRewriting rewriting) {
        HandingOver handing = new HandingOver(means.qemu(), state, leftovers);
        return switch (handing.handOver(request.number(), meaning, taken, rewriting)) {
            case HandingOver.GivenUp(Objection why) -> new Prepared.Refused(why);
            case HandingOver.Given(Command command, List<Long> sets) ->
                ready(request, meaning, Optional.of(taken), done, command, sets);
        };
    }

    private static Prepared.Ready ready(
            Request request,
            Meaning meaning,
            Optional<JoinedFiles> taken,
            SettledHolds.Done done,
            Command command,
            List<Long> sets) {
        return new Prepared.Ready(
                request.number(),
                request.command().name(),
                command,
                request.sent().passed(),
                meaning,
                taken,
                done,
                sets,
                request.sent().file());
    }

    /** The command has no files any more. If that cannot be put on record, the next settlement does. */
    private void letGo(long number) {
        state.pending().answered(number, new SettledHolds.Failed(), means.held());
        means.files()
                .settle(
                        means.run(),
                        holds -> holds.stream()
                                .filter(hold -> !hold.trigger().isCommand(number))
                                .toList());
        state.pending().recorded(means.held());
    }

    private static boolean isHeld(VmRecord vm, HostPath path) {
        return vm.files().stream()
                .anyMatch(hold -> hold.path().equals(path) && !(hold.trigger() instanceof HoldTrigger.Settling));
    }

    /** Whether each file that nodes have by this name is written: one can have taken the name of another. */
    private static boolean isWritten(VmRecord vm, HostPath path) {
        List<FileHold> lasting = vm.files().stream()
                .filter(hold -> hold.path().equals(path) && isLasting(hold.trigger()))
                .toList();
        Set<OptionalLong> written =
                lasting.stream().filter(FileHold::isWriting).map(FileHold::file).collect(Collectors.toSet());
        return !written.isEmpty() && lasting.stream().map(FileHold::file).allMatch(written::contains);
    }

    /** Whether nothing but the node's own end takes the hold away. */
    private static boolean isLasting(HoldTrigger trigger) {
        return trigger instanceof HoldTrigger.Graph
                || trigger instanceof HoldTrigger.Start
                || trigger instanceof HoldTrigger.Disk;
    }

    /** A layer that another VM reads is the one conflict that the VM's own history does not show. */
    private static Prepared.Refused refused(Problem problem, Meaning meaning) {
        boolean isWidened = problem.file()
                .filter(file -> meaning.widened().stream()
                        .anyMatch(widening -> widening.file().equals(file)))
                .isPresent();
        Rule rule = isWidened && problem.kind() == Problem.Kind.IN_USE ? Rule.S2 : Rule.of(problem.kind());
        return new Prepared.Refused(
                Objection.of(rule, problem),
                problem.file().stream()
                        .map(file -> RefusedFiles.file(file, UseAccess.of(isWidened)))
                        .toList());
    }
}
