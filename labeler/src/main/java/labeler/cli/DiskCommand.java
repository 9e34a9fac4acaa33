package labeler.cli;

import java.util.List;
import java.util.Optional;
import labeler.api.AttachAnswer;
import labeler.api.AttachBody;
import labeler.api.DetachBody;
import labeler.api.Report.Detached;
import labeler.linux.HostPath;
import labeler.view.Terminal;
import labeler.view.VmText;
import labeler.vm.VmName;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ScopeType;

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
    @Mixin
    private final ServiceOptions service = new ServiceOptions();

    @Option(
            names = "--qmp",
            scope = ScopeType.INHERIT,
            paramLabel = "SOCKET",
            converter = Converters.OfQmpPath.class,
            description =
                    "The socket of the VM's QMP, made by qemu itself: qmp in the VM's runtime directory by default;"
                            + " for detach, the one by which the disk came.")
    private @Nullable HostPath qmp;

    @Command(name = "attach", mixinStandardHelpOptions = true, description = "Attaches a disk to a running VM.")
    int attach(
            @Parameters(paramLabel = "NAME", converter = Converters.OfVmName.class, description = "The VM.")
                    VmName name,
            @Option(
                            names = "--blockdev",
                            required = true,
                            paramLabel = "NODE",
                            converter = Converters.OfQmpText.class,
                            description = "As qemu's -blockdev takes it, in JSON or key=value settings; file names in"
                                    + " full. Can be repeated, nodes first on which others build.")
                    List<String> blockdevs,
            @Option(
                            names = "--device",
                            paramLabel = "DEVICE",
                            converter = Converters.OfQmpText.class,
                            description = "As qemu's -device takes it, with drive= one of the nodes. Its id is the"
                                    + " node's name unless it says another.")
                    @Nullable
                    String device) {
        AttachBody body = new AttachBody(blockdevs, Optional.ofNullable(device), monitor());
        return service.post(surroundings(), ServiceOptions.path(name, "attach"), body)
                .show(AttachAnswer.class, this::print);
    }

    private void print(AttachAnswer answer) {
        long files = answer.vm().files().stream()
                .filter(file -> file.disk().equals(Optional.of(answer.disk())))
                .count();
        terminal()
                .print(answer.vm().vm() + ": disk " + Terminal.safe(answer.disk()) + " attached; " + files + " files");
        new VmText(terminal()).problems("warning", answer.vm().warnings());
    }

    @Command(
            name = "detach",
            mixinStandardHelpOptions = true,
            description = "Detaches a disk that was attached; labeler status NAME shows them.")
    int detach(
            @Parameters(paramLabel = "NAME", converter = Converters.OfVmName.class, description = "The VM.")
                    VmName name,
            @Parameters(
                            paramLabel = "DISK",
                            converter = Converters.OfQmpText.class,
                            description = "By its device's id, or its node's name where it has no device.")
                    String disk) {
        return service.post(surroundings(), ServiceOptions.path(name, "detach"), new DetachBody(disk, monitor()))
                .show(Detached.class, this::print, answer -> ExitCode.of(answer.report()));
    }

    private void print(Detached answer) {
        terminal()
                .print(answer.report().vm() + ": disk " + Terminal.safe(answer.disk()) + " detached; "
                        + answer.reverted() + " labels given back, " + answer.kept() + " kept");
        new VmText(terminal()).report(answer.report());
    }

    private Optional<HostPath> monitor() {
        return Optional.ofNullable(qmp).map(path -> path.from(host().workingDirectory()));
    }
}
