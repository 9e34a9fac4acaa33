package labeler.vm.qemu.handover;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import labeler.linux.HostPath;
import labeler.problem.Problem;
import labeler.vm.DefinitionBuilder;
import labeler.vm.ImageChain;
import labeler.vm.VmDefinition;
import labeler.vm.qemu.option.OptionReader;
import labeler.vm.qemu.option.Parsing;
import labeler.vm.qemu.option.PlacedOption;
import labeler.vm.qemu.option.QemuCommandLine;
import labeler.vm.qemu.text.ByteText;

/**
 * Rewrites a qemu command line so that qemu opens passed files by descriptors ({@code /dev/fdset/N}), never by their
 * names. What has no passed file in it stays byte for byte. Nothing is opened here.
 */
public final class DescriptorCommandLine {
    /** Options that define block nodes under their own name; the others are short forms of {@code -drive}. */
    private static final Set<String> NODE_OPTIONS = Set.of("drive", "blockdev");

    private DescriptorCommandLine() {}

    /**
     * The command line with descriptors in place of names, or all that stands against it.
     *
     * @param argv as for execve(2): the program's name first
     * @param workingDirectory of the qemu process, absolute: what relative names are relative to
     * @param chains one for each image that the command line names, in any order
     * @param passed whether this file is to be passed; asked for each name by which an option, a chain's layer or a
     *     header has it, made absolute and otherwise as it is
     * @param replaced files that qemu is to read from a copy instead, and the copies' absolute names
     */
    public static Rewriting rewrite(
            List<byte[]> argv,
            HostPath workingDirectory,
            List<ImageChain> chains,
            Predicate<HostPath> passed,
            Map<HostPath, HostPath> replaced) {
        VmDefinition definition = QemuCommandLine.parse(argv, workingDirectory);
        if (!definition.problems().isEmpty()) {
            return new Rewriting.NotPossible(definition.problems(), List.of());
        }
        Read read = Read.of(argv, workingDirectory);
        DescriptorSets sets = new DescriptorSets(passed);
        DescriptorNodes nodes = new DescriptorNodes(
                workingDirectory,
                new NodeWalk(List.copyOf(read.disks.values()), read.parsing.drives()::isAttached),
                chains,
                sets);
        DescriptorFiles files = new DescriptorFiles(workingDirectory, read.options, replaced, sets);
        Map<Integer, List<DiskOption.Edit>> edits = nodes.edits();
        Map<Integer, String> arguments = files.arguments(definition.uses());
        List<Unpassable> unpassable = new ArrayList<>(nodes.unpassable());
        unpassable.addAll(files.unpassable());
        List<Problem> problems =
                new ArrayList<>(unpassable.stream().map(Unpassable::problem).toList());
        List<byte[]> rewritten = new ArrayList<>(List.of(argv.getFirst()));
        for (PlacedOption option : read.options) {
            Optional<DiskOption> disk = Optional.ofNullable(read.disks.get(option.position()))
                    .filter(_ -> edits.containsKey(option.position()));
            List<byte[]> given = argv.subList(option.position() + 1, option.position() + 1 + option.length());
            List<byte[]> written = disk.map(
                            found -> written(found, edits.getOrDefault(option.position(), List.of()), given))
                    .orElseGet(() -> written(option, arguments, given));
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
                ? new Rewriting.Rewritten(rewritten, sets.all())
                : new Rewriting.NotPossible(problems.stream().distinct().toList(), unpassable);
    }

    private static List<byte[]> written(DiskOption disk, List<DiskOption.Edit> edits, List<byte[]> given) {
        byte[] argument = ByteText.bytes(disk.with(edits));
        return NODE_OPTIONS.contains(disk.placed().name())
                ? List.of(given.getFirst(), argument)
                : List.of(ByteText.bytes("-drive"), argument);
    }

    private static List<byte[]> written(PlacedOption option, Map<Integer, String> arguments, List<byte[]> given) {
        String argument = arguments.get(option.position());
        return argument == null ? given : List.of(given.getFirst(), ByteText.bytes(argument));
    }

    private static Problem tooLong(PlacedOption option) {
        return new Problem(
                Problem.Kind.TOO_MANY,
                Optional.empty(),
                option.origin() + ": with all files below it, it would be longer than Linux passes to a program"
                        + " (128 KiB); shorten the chain with qemu-img commit or rebase");
    }

    /** A command line in its options. */
    private record Read(List<PlacedOption> options, Map<Integer, DiskOption> disks, Parsing parsing) {
        static Read of(List<byte[]> argv, HostPath workingDirectory) {
            // What it finds is known already: here it is how the options hang together that counts.
            DefinitionBuilder again = new DefinitionBuilder(workingDirectory);
            Parsing parsing = Parsing.into(again);
            List<String> arguments =
                    argv.subList(1, argv.size()).stream().map(ByteText::of).toList();
            List<PlacedOption> options = OptionReader.read(arguments, "", again);
            boolean snapshot = options.stream().anyMatch(option -> option.name().equals("snapshot"));
            Map<Integer, DiskOption> disks = new LinkedHashMap<>();
            for (PlacedOption option : options) {
                int drives = parsing.drives().drives().size();
                int blockdevs = parsing.drives().blockdevs().size();
                option.declare(parsing);
                parsing.drives().drives().stream()
                        .skip(drives)
                        .forEach(drive -> drive.tree(again)
                                .ifPresent(tree ->
                                        disks.put(option.position(), DiskOption.drive(option, drive, tree, snapshot))));
                parsing.drives().blockdevs().stream()
                        .skip(blockdevs)
                        .forEach(node -> disks.put(option.position(), DiskOption.blockdev(option, node.options())));
            }
            return new Read(options, disks, parsing);
        }
    }
}
