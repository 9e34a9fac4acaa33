package labeler.guard.sense;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Predicate;
import labeler.chain.ImageFormat;
import labeler.guard.graph.Job;
import labeler.guard.graph.Node;
import labeler.journal.FileHold;
import labeler.journal.HoldTrigger;
import labeler.linux.HostPath;

/**
 * The holds of a VM after a look at its qemu. A hold ends with its trigger. The holds of block nodes are as strong as the
 * nodes use their files. No look ever makes a hold stronger: that takes a command.
 *
 * @param nodes as qemu tells of them now
 * @param answers of commands since the last look, by their numbers
 * @param running commands that have no answer yet. Any other without one is of a service that was killed
 * @param handed ends of descriptors that a command has taken, each with what ends them from now on
 * @param ended what has ended otherwise: an object, a character device, a migration, a dump. What an answer begins may
 *     have the same name, and has not ended by that
 * @param closed files that settled, and that qemu has closed by now
 */
public record SettledHolds(
        NodeFiles nodes,
        Map<Long, Answer> answers,
        Set<Long> running,
        Map<HoldTrigger, HoldTrigger> handed,
        Set<HoldTrigger> ended,
        Set<HostPath> closed) {
    /** The type of a job that makes a file: it stays until it is dismissed, and so does the file. */
    private static final String CREATE = "create";

    public SettledHolds {
        answers = Map.copyOf(answers);
        running = Set.copyOf(running);
        handed = Map.copyOf(handed);
        ended = Set.copyOf(ended);
        closed = Set.copyOf(closed);
    }

    /** qemu's answer to a command. */
    public sealed interface Answer {}

    /**
     * qemu has done it.
     *
     * @param ends what ends the hold on each file that it named
     * @param rest what ends those on the files that headers name
     * @param before the names of all nodes that were there when its files were taken
     */
    public record Done(Map<HostPath, HoldTrigger> ends, HoldTrigger rest, Set<String> before) implements Answer {
        public Done {
            ends = Map.copyOf(ends);
            before = Set.copyOf(before);
        }

        /** Whether nodes alone have the file from now on. */
        private boolean isOfNodes(FileHold hold) {
            return ends.getOrDefault(hold.path(), rest) instanceof HoldTrigger.Graph;
        }

        /** The same, if something that it has begun is over by now. */
        public Done over(HoldTrigger ended) {
            return handedOn(Map.of(ended, new HoldTrigger.Settling()));
        }

        /** The same, if something else ends what it has begun by now. */
        public Done handedOn(Map<HoldTrigger, HoldTrigger> others) {
            Map<HostPath, HoldTrigger> left = new HashMap<>(ends);
            left.replaceAll((_, end) -> others.getOrDefault(end, end));
            return new Done(left, rest, before);
        }
    }

    public record Failed() implements Answer {}

    /** The guard has given it up, and qemu has no descriptor for it any more. A node of the guard's may have the file. */
    public record Undone() implements Answer {}

    /**
     * The holds from now on. The file of a hold and the kind of its use stay as they are.
     *
     * @param isKept whether a hold has to stay as it is for now, whatever has ended
     */
    public List<FileHold> of(List<FileHold> holds, Predicate<FileHold> isKept) {
        Map<Place, FileHold> left = new LinkedHashMap<>();
        List<FileHold> fixed = new ArrayList<>();
        Map<HostPath, Set<Long>> opened = opened(holds);
        for (FileHold hold : holds) {
            boolean isLeft = isLeft(hold, opened.getOrDefault(hold.path(), Set.of()));
            (isKept.test(hold) ? Optional.of(hold) : isLeft ? unused(hold) : after(hold)).ifPresent(now -> {
                if (now.trigger() instanceof HoldTrigger.Start || now.trigger() instanceof HoldTrigger.Disk) {
                    fixed.add(now);
                } else {
                    left.merge(
                            new Place(now.path(), now.file(), now.trigger()),
                            now,
                            (first, second) -> second.isWriting() && !first.isWriting() ? second : first);
                }
            });
        }
        fixed.addAll(left.values());
        return fixed;
    }

    /** A name can be that of two files of the VM: one that qemu has open, and one that has taken its name since. */
    private record Place(HostPath path, OptionalLong file, HoldTrigger trigger) {}

    /**
     * The files of which no node was there before the commands that have just been answered, by their names. qemu tells of a
     * file by its name alone: of a node that was there before, nobody knows which of two files of that name it has.
     */
    private Map<HostPath, Set<Long>> opened(List<FileHold> holds) {
        Map<HostPath, Set<Long>> opened = new HashMap<>();
        Set<HostPath> unsure = new HashSet<>();
        for (FileHold hold : holds) {
            if (hold.trigger() instanceof HoldTrigger.Command(long number, var _)) {
                boolean isOpened = hold.file().isPresent()
                        && answers.get(number) instanceof Done done
                        && done.isOfNodes(hold)
                        && isNew(hold.path(), done);
                if (isOpened) {
                    opened.computeIfAbsent(hold.path(), _ -> new HashSet<>())
                            .add(hold.file().orElseThrow());
                } else {
                    unsure.add(hold.path());
                }
            }
        }
        opened.keySet().removeAll(unsure);
        return opened;
    }

    private boolean isNew(HostPath file, Done done) {
        List<Node> standing = nodes.nodes(file);
        // Where no node was, none may have been asked for.
        return !done.before().isEmpty()
                && !standing.isEmpty()
                && standing.stream().map(Node::name).noneMatch(done.before()::contains);
    }

    /** Whether the nodes that had the file have gone, and those that there are have others of its name. */
    private static boolean isLeft(FileHold hold, Set<Long> opened) {
        return hold.trigger() instanceof HoldTrigger.Graph
                && !opened.isEmpty()
                && hold.file().isPresent()
                && !opened.contains(hold.file().getAsLong());
    }

    private Optional<FileHold> after(FileHold hold) {
        Optional<HoldTrigger> other = Optional.ofNullable(handed.get(hold.trigger()));
        return other.isPresent() ? other.map(hold::until) : kept(hold);
    }

    private Optional<FileHold> kept(FileHold hold) {
        return switch (hold.trigger()) {
            case HoldTrigger.Start() -> Optional.of(started(hold));
            // No node tells of its server's socket, a log, or a directory.
            case HoldTrigger.Disk _ -> hold.isOfImage() ? used(hold) : Optional.of(hold);
            case HoldTrigger.Graph() -> used(hold);
            case HoldTrigger.Node(String name) -> Optional.of(hold).filter(_ -> nodes.isBeside(name, hold.path()));
            case HoldTrigger.Command command -> answered(hold, command);
            case HoldTrigger.Job(String id) -> isOver(id) ? taken(hold) : Optional.of(hold);
            case HoldTrigger.QemuObject _, HoldTrigger.CharacterDevice _, HoldTrigger.Migration _, HoldTrigger.Dump _ ->
                Optional.of(ended.contains(hold.trigger()) ? hold.until(new HoldTrigger.Settling()) : hold);
            case HoldTrigger.LiveDefinition() -> Optional.of(hold);
            case HoldTrigger.Settling() -> closed.contains(hold.path()) ? Optional.empty() : Optional.of(hold);
        };
    }

    /** The hold for what a command has just begun. */
    private Optional<FileHold> begun(FileHold hold) {
        return ended.contains(hold.trigger()) ? Optional.of(hold) : after(hold);
    }

    /** A file of the start that a node has is the nodes' from now on; any other stays until the VM ends. */
    private FileHold started(FileHold hold) {
        return nodes.use(hold.path()) == NodeFiles.Use.NONE
                ? hold
                : used(hold).map(now -> now.until(new HoldTrigger.Graph())).orElse(hold);
    }

    /** The hold by the nodes that have the file. One of whose file nobody knows may have it as well. */
    private Optional<FileHold> used(FileHold hold) {
        return switch (nodes.use(hold.path())) {
            case NONE -> unused(hold);
            case READ -> Optional.of(nodes.unknown().isEmpty() ? hold.reading() : hold);
            case WRITE, UNTOLD -> Optional.of(hold);
        };
    }

    private Optional<FileHold> unused(FileHold hold) {
        return Optional.of(hold).filter(_ -> !nodes.unknown().isEmpty());
    }

    private Optional<FileHold> answered(FileHold hold, HoldTrigger.Command command) {
        Answer answer = answers.get(command.number());
        if (answer instanceof Failed) {
            return Optional.empty();
        }
        if (answer instanceof Undone) {
            return taken(hold);
        }
        if (answer instanceof Done(Map<HostPath, HoldTrigger> ends, HoldTrigger rest, var _)) {
            return begun(hold.until(ends.getOrDefault(hold.path(), rest)));
        }
        if (running.contains(command.number())) {
            return Optional.of(hold);
        }
        // The service was killed: qemu may have done the command, or may never have seen it. What tells the end of what
        // it began tells as well that it never began. Of an image, its own nodes tell.
        boolean isTold = command.then().isPresent()
                && !(hold.isOfImage() && command.then().get() instanceof HoldTrigger.Node);
        if (isTold) {
            return after(hold.until(command.then().orElseThrow()));
        }
        // It may have begun any of the jobs that are there, and that one writes until its end.
        if (hold.isWriting()
                && nodes.use(hold.path()) == NodeFiles.Use.WRITE
                && !nodes.graph().jobs().isEmpty()) {
            return Optional.of(hold);
        }
        return taken(hold).or(() -> Optional.of(hold.until(new HoldTrigger.Settling())));
    }

    /** A job is over, or nothing is known of it: nodes that have the file keep it. */
    private Optional<FileHold> taken(FileHold hold) {
        return used(hold).map(now -> now.until(new HoldTrigger.Graph()));
    }

    private boolean isOver(String id) {
        Job job = nodes.graph().jobs().get(id);
        return job == null
                || job.status().equals("null")
                || (job.status().equals(Job.CONCLUDED) && !job.type().equals(CREATE));
    }

    /** Images into whose headers jobs that are over may have written, or commands of a killed service, with their formats. */
    public Map<HostPath, ImageFormat> written(List<FileHold> holds) {
        Map<HostPath, ImageFormat> written = new LinkedHashMap<>();
        for (FileHold hold : holds) {
            boolean isWritten = switch (hold.trigger()) {
                case HoldTrigger.Job(String id) -> isOver(id);
                case HoldTrigger.Command command -> isLost(command.number());
                case HoldTrigger.Start _,
                        HoldTrigger.Disk _,
                        HoldTrigger.Graph _,
                        HoldTrigger.Node _,
                        HoldTrigger.QemuObject _,
                        HoldTrigger.CharacterDevice _,
                        HoldTrigger.Migration _,
                        HoldTrigger.Dump _,
                        HoldTrigger.LiveDefinition _,
                        HoldTrigger.Settling _ -> false;
            };
            if (isWritten && hold.isWriting()) {
                nodes.imageOf(hold.path())
                        .flatMap(image -> ImageFormat.ofDriver(image.driver()))
                        .ifPresent(format -> written.put(hold.path(), format));
            }
        }
        return written;
    }

    /** Whether nobody will ever see the answer. */
    private boolean isLost(long number) {
        return !answers.containsKey(number) && !running.contains(number);
    }
}
