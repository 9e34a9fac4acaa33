package labeler.cli;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import labeler.api.AttachAnswer;
import labeler.api.AttachBody;
import labeler.api.DetachBody;
import labeler.api.ExitCode;
import labeler.api.Report.Detached;
import labeler.chain.ImageFormat;
import labeler.cli.option.Converters;
import labeler.disk.Backup;
import labeler.disk.Commit;
import labeler.disk.Eject;
import labeler.disk.Insert;
import labeler.disk.LayerName;
import labeler.disk.Mirror;
import labeler.disk.Snapshot;
import labeler.disk.StreamIn;
import labeler.linux.HostPath;
import labeler.view.Terminal;
import labeler.view.VmText;
import labeler.vm.VmName;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ScopeType;

@Command(
        name = "disk",
        description = {
            "Changes the disks of a running VM: attaches and detaches them, makes snapshots, merges and copies images,"
                    + " changes media.",
            "Files are labelled, or opened and handed over, before qemu is told of them by QMP, and get back what they had"
                    + " when qemu has let go of them.",
            "attach and detach go through the service; the other words through the guarded monitor of the VM. A DISK there"
                    + " is named by the id of its device or drive, its place in qemu's tree, or its uppermost node, as"
                    + " QMP's query-block shows them. FILE is made, unless it exists and is empty.",
            "A job shows how far it is: a bar on a terminal, a line now and then elsewhere, objects with --json, one a"
                    + " line. Ctrl-C cancels it and waits until the disk is as before; a second Ctrl-C leaves the job"
                    + " alone and names it."
        },
        exitCodeList = {
            "0:done",
            "1:qemu, the guest or the host could not; nothing has changed unless the message says so",
            "2:usage",
            "3:refused: an image is unsafe or malformed, or the guard's rule in the message forbids it",
            "4:conflict: a file is in use by another VM, or the name by another disk",
            "5:no service, no monitor, or not permitted",
            "130:cancelled by Ctrl-C, and the disk is as before; 143 by SIGTERM, 129 by SIGHUP"
        },
        footer = {
            "",
            "labeler disk attach web1 --blockdev driver=qcow2,node-name=data,file.driver=file,file.filename=/vm/data.qcow2"
                    + " --device virtio-blk-pci,drive=data,id=data,bus=port1",
            "labeler disk detach web1 data",
            "labeler disk snapshot web1 data /vm/data-2.qcow2",
            "labeler disk commit web1 data"
        })
final class DiskCommand extends AbstractCommand {
    private static final String FILE = "The new image. If something is there, it has to be empty.";

    @Mixin
    private final ServiceOptions service = new ServiceOptions();

    @Option(
            names = "--qmp",
            scope = ScopeType.INHERIT,
            paramLabel = "SOCKET",
            converter = Converters.OfQmpPath.class,
            description =
                    "A socket of the VM's QMP. For attach and detach one that qemu itself has made: qmp in the VM's"
                            + " runtime directory by default, or the one by which the disk came. For the other words"
                            + " the guarded one by default; without a guard, nothing is labelled.")
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

    @Command(
            name = "snapshot",
            mixinStandardHelpOptions = true,
            description = {
                "Makes a new image above those of a disk. Writes go there from now on, and the image below stays as it is.",
                "The backing file of the new image is the present one, with its format."
            })
    int snapshot(
            @Mixin DiskWork.Place at,
            @Parameters(index = "2", paramLabel = "FILE", converter = Converters.OfQmpPath.class, description = FILE)
                    HostPath file,
            @Option(
                            names = "--format",
                            paramLabel = "FMT",
                            defaultValue = "qcow2",
                            converter = Converters.OfImageFormat.class,
                            description = "Of the new image; qcow2 by default.")
                    ImageFormat format) {
        return run().run(at, Optional.of(full(file)), new Snapshot(name(file), format.driver()), false);
    }

    @Command(
            name = "commit",
            mixinStandardHelpOptions = true,
            description = {
                "Writes the content of images into one below them. They leave the disk, and their files stay.",
                "By default everything goes into the lowest image, which is the disk then. An IMAGE is named by its file"
                        + " or its node."
            })
    int commit(
            @Mixin DiskWork.Place at,
            @Option(
                            names = "--base",
                            paramLabel = "IMAGE",
                            converter = Converters.OfQmpText.class,
                            description = "The image that is written; the lowest by default.")
                    @Nullable
                    String base,
            @Option(
                            names = "--top",
                            paramLabel = "IMAGE",
                            converter = Converters.OfQmpText.class,
                            description = "The uppermost image that leaves; that of the disk by default.")
                    @Nullable
                    String top,
            @Mixin DiskWork.Job job) {
        return run().run(at, Optional.empty(), new Commit(layer(base), layer(top), job.speed()), job.isWaiting());
    }

    @Command(
            name = "stream",
            mixinStandardHelpOptions = true,
            description = {
                "Copies the content of the images below a disk's own into that one. They leave the disk, and their files"
                        + " stay as they are.",
                "An IMAGE is named by its file or its node."
            })
    int stream(
            @Mixin DiskWork.Place at,
            @Option(
                            names = "--base",
                            paramLabel = "IMAGE",
                            converter = Converters.OfQmpText.class,
                            description = "The uppermost image that stays below; none by default.")
                    @Nullable
                    String base,
            @Mixin DiskWork.Job job) {
        return run().run(at, Optional.empty(), new StreamIn(layer(base), job.speed()), job.isWaiting());
    }

    @Command(
            name = "mirror",
            mixinStandardHelpOptions = true,
            description = {
                "Copies a whole disk into a new image, with all that the guest writes meanwhile. Then the disk is the copy."
            })
    int mirror(
            @Mixin DiskWork.Place at,
            @Parameters(index = "2", paramLabel = "FILE", converter = Converters.OfQmpPath.class, description = FILE)
                    HostPath file,
            @Option(
                            names = "--format",
                            required = true,
                            paramLabel = "FMT",
                            converter = Converters.OfImageFormat.class,
                            description = "Of the copy.")
                    ImageFormat format,
            @ArgGroup DiskWork.@Nullable Pivot pivot,
            @Mixin DiskWork.Job job) {
        Mirror mirror = new Mirror(name(file), format.driver(), DiskWork.Pivot.isWanted(pivot), job.speed());
        return run().run(at, Optional.of(full(file)), mirror, job.isWaiting());
    }

    @Command(
            name = "backup",
            mixinStandardHelpOptions = true,
            description = {
                "Copies a disk, as it is at the start of the job, into a new image. The guest goes on meanwhile.",
                "With --incremental the image has no backing file: qemu-img rebase -u puts the one before below it."
            })
    int backup(
            @Mixin DiskWork.Place at,
            @Parameters(index = "2", paramLabel = "FILE", converter = Converters.OfQmpPath.class, description = FILE)
                    HostPath file,
            @Option(
                            names = "--format",
                            paramLabel = "FMT",
                            defaultValue = "qcow2",
                            converter = Converters.OfImageFormat.class,
                            description = "Of the copy; qcow2 by default.")
                    ImageFormat format,
            @ArgGroup DiskWork.@Nullable Scope scope,
            @Mixin DiskWork.Job job) {
        Backup backup = new Backup(name(file), format.driver(), DiskWork.Scope.bitmap(scope), job.speed());
        return run().run(at, Optional.of(full(file)), backup, job.isWaiting());
    }

    @Command(
            name = "insert",
            mixinStandardHelpOptions = true,
            description = "Puts a medium into a drive, in place of the one that it has.")
    int insert(
            @Mixin DiskWork.Place at,
            @Parameters(
                            index = "2",
                            paramLabel = "FILE",
                            converter = Converters.OfQmpPath.class,
                            description = "The medium's image.")
                    HostPath file,
            @Option(
                            names = "--format",
                            required = true,
                            paramLabel = "FMT",
                            converter = Converters.OfImageFormat.class,
                            description = "Of the image; raw for a disc.")
                    ImageFormat format,
            @Option(names = "--writable", description = "The guest may write to it.") boolean isWritable) {
        return run().run(at, Optional.empty(), new Insert(name(file), format.driver(), isWritable), false);
    }

    @Command(name = "eject", mixinStandardHelpOptions = true, description = "Takes the medium out of a drive.")
    int eject(
            @Mixin DiskWork.Place at,
            @Option(names = "--force", description = "Also if the guest has locked the drive.") boolean isForced) {
        return run().run(at, Optional.empty(), new Eject(isForced), false);
    }

    private Optional<HostPath> monitor() {
        return Optional.ofNullable(qmp).map(path -> path.from(host().workingDirectory()));
    }

    private DiskWork run() {
        return new DiskWork(surroundings(), service, monitor());
    }

    private HostPath full(HostPath path) {
        return path.from(host().workingDirectory());
    }

    /** A name as QMP has it. */
    private String name(HostPath path) {
        return new String(full(path).bytes(), StandardCharsets.UTF_8);
    }

    private Optional<LayerName> layer(@Nullable String text) {
        return Optional.ofNullable(text)
                .map(name -> new LayerName(
                        name,
                        HostPath.parse(name.getBytes(StandardCharsets.UTF_8))
                                .map(this::name)
                                .orElse(name)));
    }
}
