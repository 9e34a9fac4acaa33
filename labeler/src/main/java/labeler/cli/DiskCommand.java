package labeler.cli;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import labeler.api.DiskBody;
import labeler.arguments.PathConverter;
import labeler.arguments.RawArguments;
import labeler.json.Json.JsonObject;
import labeler.linux.HostPath;
import labeler.view.VmText;
import labeler.vm.VmName;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "disk",
        description = {
            "Attaches a disk to a running VM, or detaches one that was attached so.",
            "Its files are labelled, or opened and handed over, before qemu is told of them by QMP, and get back what they"
                    + " had when qemu has let go of them."
        },
        exitCodeList = {
            "0:done",
            "1:qemu, the guest or the host could not; nothing has changed unless the message says so",
            "2:usage",
            "3:refused: an image is unsafe or malformed",
            "4:conflict: a file is in use by another VM, or the name by another disk",
            "5:no service, or not permitted"
        },
        footer = {
            "",
            "labeler disk attach web1 --blockdev driver=qcow2,node-name=data,file.driver=file,file.filename=/vm/data.qcow2"
                    + " --device virtio-blk-pci,drive=data,id=data,bus=port1",
            "labeler disk detach web1 data"
        })
final class DiskCommand extends AbstractCommand {
    /** What can be done with a disk. */
    enum Action {
        attach,
        detach
    }

    @Mixin
    private final ServiceOptions service = new ServiceOptions();

    @Parameters(index = "0", paramLabel = "attach|detach", description = "What to do.")
    private @Nullable Action action;

    @Parameters(index = "1", paramLabel = "NAME", converter = Converters.OfVmName.class, description = "The VM.")
    private @Nullable VmName name;

    @Parameters(
            index = "2",
            arity = "0..1",
            paramLabel = "DISK",
            description = "detach: the disk, by its device's id, or its node's name where it has no device.")
    private @Nullable String disk;

    @Option(
            names = "--blockdev",
            paramLabel = "NODE",
            description =
                    "attach: as qemu's -blockdev takes it, in JSON or key=value settings; file names in full. Can be"
                            + " repeated, nodes first on which others build.")
    private List<String> blockdevs = List.of();

    @Option(
            names = "--device",
            paramLabel = "DEVICE",
            description = "attach: as qemu's -device takes it, with drive= one of the nodes. Its id is the node's name"
                    + " unless it says another.")
    private @Nullable String device;

    @Option(
            names = "--qmp",
            paramLabel = "SOCKET",
            converter = PathConverter.class,
            description =
                    "The socket of the VM's QMP, made by qemu itself: qmp in the VM's runtime directory by default;"
                            + " for detach, the one by which the disk came.")
    private @Nullable HostPath qmp;

    @Override
    public Integer call() {
        Optional<HostPath> monitor = Optional.ofNullable(qmp)
                .map(path -> path.from(surroundings().host().workingDirectory()));
        return switch (Objects.requireNonNull(action)) {
            case attach -> attach(monitor);
            case detach -> detach(monitor);
        };
    }

    private int attach(Optional<HostPath> monitor) {
        if (blockdevs.isEmpty() || disk != null) {
            return usage("disk attach needs NAME and --blockdev, and nothing else but --device and --qmp");
        }
        List<String> nodes = new ArrayList<>();
        blockdevs.forEach(blockdev -> unicode(blockdev).ifPresent(nodes::add));
        Optional<String> wanted = Optional.ofNullable(device).flatMap(DiskCommand::unicode);
        if (nodes.size() < blockdevs.size() || wanted.isPresent() != (device != null) || isLost(monitor)) {
            return usage("QMP is UTF-8, and an argument is not; rename that file");
        }
        return post("attach", new DiskBody(nodes, wanted, monitor).attach(), answer -> {
            String joined = VmText.text(answer, "disk");
            terminal()
                    .print(VmText.text(answer, "vm") + ": disk " + joined + " attached; "
                            + answer.elements("files").stream()
                                    .filter(file -> VmText.text(VmText.object(file), "disk")
                                            .equals(joined))
                                    .count()
                            + " files");
            new VmText(terminal()).problems("warning", answer.elements("warnings"));
        });
    }

    private int detach(Optional<HostPath> monitor) {
        Optional<String> wanted = Optional.ofNullable(disk).flatMap(DiskCommand::unicode);
        if (wanted.isEmpty() || !blockdevs.isEmpty() || device != null || isLost(monitor)) {
            return usage(
                    "disk detach needs NAME and DISK, and nothing else but --qmp; labeler status NAME shows disks");
        }
        return post("detach", new DiskBody(List.of(), wanted, monitor).detach(), answer -> {
            terminal()
                    .print(VmText.text(answer, "vm") + ": disk " + VmText.text(answer, "disk") + " detached; "
                            + answer.number("reverted").orElse(0L) + " labels given back, "
                            + answer.number("kept").orElse(0L) + " kept");
            new VmText(terminal()).reports(answer);
        });
    }

    @FunctionalInterface
    private interface Words {
        void print(JsonObject answer);
    }

    private int post(String verb, byte[] body, Words words) {
        String path = ServiceOptions.path(Objects.requireNonNull(name), verb);
        return service.finish(surroundings(), service.post(surroundings(), path, body), answer -> {
            if (!service.json()) {
                words.print(answer);
            }
            return ReportExit.of(answer);
        });
    }

    private int usage(String message) {
        terminal().complain(message);
        return ExitCode.USAGE;
    }

    private static boolean isLost(Optional<HostPath> monitor) {
        return monitor.filter(path -> path.utf8().isEmpty()).isPresent();
    }

    /** Arguments come as one character a byte. */
    private static Optional<String> unicode(String argument) {
        byte[] bytes = RawArguments.bytes(argument);
        String text = new String(bytes, StandardCharsets.UTF_8);
        return Optional.of(text).filter(_ -> Arrays.equals(text.getBytes(StandardCharsets.UTF_8), bytes));
    }
}
