package labeler.guard.judge;

import static labeler.waiting.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import labeler.config.GuardConfig;
import labeler.guard.QmpClient;
import labeler.guard.flow.FlowBed;
import labeler.guard.flow.FlowImages;
import labeler.guard.flow.LoopDevice;
import labeler.lifecycle.follow.FollowedHost;
import labeler.vm.VmName;

/** A flow's VM whose qemu opens its files by their names: each has the label that it needs, by setxattr(2). */
final class LabelledBed extends FlowBed implements AutoCloseable {
    private static final VmName NAME = new VmName("one");

    private final Path root;
    private final FollowedHost host;
    private final GuardModel model;
    private final Set<Path> before;
    private final FlowImages images;
    private JudgedQemu vm;
    private boolean isMounted;
    private Optional<LoopDevice> device = Optional.empty();

    /** @param root where the images are in {@code images} */
    LabelledBed(Path root) throws IOException {
        this.root = root;
        this.images = new FlowImages(root.resolve("images"));
        this.host = new FollowedHost(root);
        this.model = new GuardModel(host);
        this.before = new HashSet<>(model.labels().keySet());
        for (Path file : before) {
            host.setLabel(file.getFileName().toString(), FollowedHost.HOME);
        }
        this.vm = started("first");
    }

    private JudgedQemu started(String directory, String... more) throws IOException {
        List<String> arguments = new ArrayList<>(JudgedQemu.arguments(nodes(), devices()));
        arguments.addAll(List.of(more));
        return new JudgedQemu(
                host, Files.createDirectory(root.resolve(directory)), NAME, arguments, GuardConfig.DEFAULT);
    }

    @Override
    protected QmpClient client() {
        return vm.client();
    }

    @Override
    public Path path(String name) {
        return host.path(name);
    }

    @Override
    protected Use use(String name) {
        if (!Files.exists(path(name))) {
            return Use.NOTHING;
        }
        String label = host.label(name);
        return label.equals(vm.image()) ? Use.WRITING : label.equals(FollowedHost.CONTENT) ? Use.READING : Use.NOTHING;
    }

    @Override
    protected void again(String... options) throws IOException {
        vm.close();
        host.lifecycle().stop(NAME, Optional.empty());
        vm = started("second", options);
    }

    @Override
    protected void small() throws IOException {
        Path directory = Files.createDirectory(path("small"));
        run("mount", "-t", "tmpfs", "-o", "size=64k", "small", directory.toString());
        isMounted = true;
    }

    @Override
    protected void device() throws IOException {
        device = Optional.of(new LoopDevice(root.resolve("content"), DEVICE_SIZE, path("device")));
    }

    private static void run(String... command) throws IOException {
        assertThat(new ProcessBuilder(command)
                        .inheritIO()
                        .start()
                        .onExit()
                        .join()
                        .exitValue())
                .as(String.join(" ", command))
                .isZero();
    }

    /** What qemu has open is held and labelled; what it needs no more is given back, which each script says itself. */
    void asPromised() throws IOException {
        try (QmpClient direct = vm.relayed().directClient().negotiated()) {
            eventually("all is as promised", () -> complaints(direct).isEmpty());
        }
    }

    private List<String> complaints(QmpClient direct) throws IOException {
        VmBook book = new VmBook(NAME.value());
        for (Path file : model.labels().keySet()) {
            if (use(file.getFileName().toString()) != Use.NOTHING) {
                book.other(file.toString(), file);
            }
        }
        return model.complaints(List.of(new GuardModel.Seen(
                book, vm.image(), QemuFacts.of(direct, vm.relayed().process().pid()), vm.holds(), List.of())));
    }

    /** The VM ends: each file of before has its label of before, each image is sound, and the disk has its content. */
    void end(boolean isKilled) throws IOException {
        if (isKilled) {
            vm.relayed().process().destroyForcibly().onExit().join();
        } else {
            vm.close();
        }
        host.lifecycle().stop(NAME, Optional.empty());
        assertThat(vm.holds()).isEmpty();
        assertThat(model.atTheEnd(before, Set.of(vm.image()))).isEmpty();
        images.sound(isKilled);
        images.whole(disk());
    }

    @Override
    public void close() throws IOException {
        vm.close();
        host.close();
        if (isMounted) {
            run("umount", path("small").toString());
        }
        if (device.isPresent()) {
            device.get().close();
        }
    }
}
