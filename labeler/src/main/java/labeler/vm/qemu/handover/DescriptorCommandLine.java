package labeler.vm.qemu.handover;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import labeler.linux.HostPath;
import labeler.problem.Problem;
import labeler.vm.ImageChain;
import labeler.vm.qemu.block.Disk;
import labeler.vm.qemu.block.Node;
import labeler.vm.qemu.block.OptionPlace;
import labeler.vm.qemu.handover.DescriptorSet.Sets;
import labeler.vm.qemu.option.PlacedOption;
import labeler.vm.qemu.option.QemuCommandLine;
import labeler.vm.qemu.text.Argument;
import labeler.vm.qemu.text.ByteText;
import labeler.vm.qemu.text.Edit;

/**
 * A qemu command line by which qemu opens passed files by descriptors ({@code /dev/fdset/N}), never by their names.
 * Options without a passed file stay byte for byte. Nothing is opened here.
 */
public final class DescriptorCommandLine {
    /** Options that define block nodes under their own name; the others are short forms of {@code -drive}. */
    private static final Set<String> NODE_OPTIONS = Set.of("drive", "blockdev");

    private final QemuCommandLine line;
    private final Sets sets;
    private final Map<OptionPlace, List<Edit>> edits;
    private final Map<Integer, List<NewName>> names;
    private final List<HandoverObstacle> notPassable;

    /**
     * The command line with descriptors in place of names, or all problems that prevent it.
     *
     * @param chains one for each image that the command line names, in any order
     * @param passed whether this file is to be passed; asked for each name in an option, a chain's layer or a header,
     *     made absolute and otherwise unchanged
     * @param replaced files that qemu is to read from a copy instead, and the copies' absolute names
     */
    public DescriptorCommandLine(
            QemuCommandLine line,
            List<ImageChain> chains,
            Predicate<HostPath> passed,
            Map<HostPath, HostPath> replaced) {
        this.line = line;
        this.sets = new Sets(passed, new ArrayList<>());
        this.notPassable = new ArrayList<>();
        boolean isUnderstood = line.definition().problems().isEmpty();
        this.edits = isUnderstood ? new DescriptorNodes(line, chains, sets, notPassable).edits() : Map.of();
        this.names = isUnderstood ? new DescriptorFiles(line, replaced, sets, notPassable).names() : Map.of();
    }

    /** The whole rewritten line; a definition with a problem of its own is not rewritten. */
    public RewriteResult rewriting() {
        if (!line.definition().problems().isEmpty()) {
            return new RewriteResult.NotPossible(line.definition().problems(), List.of());
        }
        List<Problem> problems = new ArrayList<>(
                notPassable.stream().map(HandoverObstacle::problem).toList());
        List<byte[]> rewritten = new ArrayList<>(List.of(line.argv().getFirst()));
        for (PlacedOption option : line.options()) {
            List<byte[]> written = line.nodes()
                    .disk(option.place())
                    .map(disk -> written(option, disk))
                    .orElseGet(() -> written(option));
            if (written.getLast().length > QemuCommandLine.MAXIMUM_ARGUMENT) {
                problems.add(tooLong(option));
            }
            rewritten.addAll(written);
        }
        if (problems.isEmpty() && QemuCommandLine.isTooLong(rewritten)) {
            problems.add(new Problem(
                    Problem.Kind.TOO_MANY,
                    Optional.empty(),
                    "with all files below its disks, the command line would be longer than Linux passes to a program;"
                            + " shorten the chains with qemu-img commit or rebase"));
        }
        return problems.isEmpty()
                ? new RewriteResult.Rewritten(rewritten, sets.all())
                : new RewriteResult.NotPossible(problems.stream().distinct().toList(), notPassable);
    }

    /** Its {@code -blockdev} options, in their order. */
    public List<Disk.Blockdev> blockdevs() {
        List<Disk.Blockdev> blockdevs = new ArrayList<>();
        for (Disk disk : line.nodes().disks()) {
            if (disk instanceof Disk.Blockdev(var place, Node root, Argument argument)) {
                Argument edited = argument.with(edits.getOrDefault(place, List.of()));
                blockdevs.add(new Disk.Blockdev(place, root, edited));
            }
        }
        return blockdevs;
    }

    private List<byte[]> written(PlacedOption option, Disk disk) {
        List<Edit> changes = edits.getOrDefault(option.place(), List.of());
        if (changes.isEmpty()) {
            return line.given(option);
        }
        byte[] argument = ByteText.bytes(disk.with(changes));
        return NODE_OPTIONS.contains(option.name())
                ? List.of(line.given(option).getFirst(), argument)
                : List.of(ByteText.bytes("-drive"), argument);
    }

    private List<byte[]> written(PlacedOption option) {
        List<NewName> changes = names.getOrDefault(option.position(), List.of());
        return changes.isEmpty()
                ? line.given(option)
                : List.of(line.given(option).getFirst(), ByteText.bytes(NewName.written(option.argument(), changes)));
    }

    private static Problem tooLong(PlacedOption option) {
        return new Problem(
                Problem.Kind.TOO_MANY,
                Optional.empty(),
                option.origin() + ": with all files below it, it would be longer than Linux passes to a program"
                        + " (128 KiB); shorten the chain with qemu-img commit or rebase");
    }
}
