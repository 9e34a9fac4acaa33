package labeler.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import labeler.json.Json;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A qemu behind Landlock with sockets, pipes and device nodes of the host: it has its own, and no others. */
class ObjectsIT {
    private static final Path RANDOM = Path.of("/dev/hwrng");

    private final Path temporary;
    private final Path disk;
    private final Monitor monitor;

    @AutoClose
    private final ServiceFixture service;

    ObjectsIT(@TempDir Path temporary) throws IOException {
        this.temporary = temporary;
        Machine.requireRootAnd("qemu-system-x86_64", "qemu-img", "mkfifo", "getfattr", "setfattr");
        Machine.requireLandlock();
        disk = Images.in(temporary.resolve("images")).raw("disk");
        monitor = new Monitor(temporary.resolve("monitor"));
        service = ServiceFixture.withHumanMonitor(temporary);
    }

    private Path pipe(String name) throws IOException {
        Path pipe = temporary.resolve(name);
        for (String suffix : List.of(".in", ".out")) {
            Command.done("mkfifo", pipe + suffix);
        }
        return pipe;
    }

    private String add(String options) throws IOException {
        return monitor.execute("{\"execute\":\"human-monitor-command\",\"arguments\":{\"command-line\":\"chardev-add "
                + options + "\"}}");
    }

    @Test
    void it_uses_its_own_and_they_are_given_back() throws IOException {
        Path socket = temporary.resolve("helper");
        Path pipe = pipe("pipe");
        Path others = temporary.resolve("others");
        Command.done("mkfifo", others.toString());
        boolean hasRandom = Files.exists(RANDOM);
        List<String> options = new ArrayList<>(
                List.of("-chardev", "socket,id=helper,path=" + socket, "-chardev", "pipe,id=pipe,path=" + pipe));
        if (hasRandom) {
            options.addAll(List.of("-object", "rng-random,id=random,filename=" + RANDOM));
        }
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(socket));
            Attributes.label(socket, Images.HOME);
            try (Qemu qemu = Qemu.start(service.running(
                            "web1", Images.with(Images.qemuWithRaw(disk), Images.with(monitor.options(), options))));
                    SocketChannel connected = server.accept()) {
                monitor.await();
                assertThat(service.get("/v1/vms/web1").ok().body().elements("walls"))
                        .contains(Json.of("landlock"));
                assertThat(connected.isConnected()).isTrue();
                String label = Attributes.label(disk).orElseThrow();
                for (String own : List.of("helper", "pipe.in", "pipe.out")) {
                    assertThat(Attributes.label(temporary.resolve(own))).as(own).hasValue(label);
                }
                assertThat(add("pipe,id=others,path=" + others)).contains("Permission denied");
                assertThat(add("file,id=file,path=/dev/console")).contains("Permission denied");
                if (hasRandom) {
                    assertThat(Attributes.label(RANDOM)).isEmpty();
                }
                qemu.kill();
            }
            service.awaitGone("web1");
            assertThat(Attributes.label(socket)).hasValue(Images.HOME);
            assertThat(Attributes.label(temporary.resolve("pipe.in"))).isEmpty();
            assertThat(Attributes.label(temporary.resolve("pipe.out"))).isEmpty();
        }
    }

    @Test
    void a_directory_that_the_guest_gets_is_labelled_with_all_below_it_and_given_back() throws IOException {
        service.close();
        service.configure("[label]\ntree-files = 1000\n");
        service.start();
        Path tree = Files.createDirectories(temporary.resolve("tree"));
        Path below = Files.createDirectories(tree.resolve("below"));
        Path file = Files.writeString(below.resolve("file"), "content");
        Attributes.label(file, Images.HOME);
        var before = Attributes.of(tree);
        List<String> qemu = List.of(
                "qemu-system-x86_64",
                "-M",
                "q35",
                "-nodefaults",
                "-display",
                "none",
                "-S",
                "-fsdev",
                "local,id=shared,path=" + tree + ",security_model=none",
                "-device",
                "virtio-9p-pci,fsdev=shared,mount_tag=shared");
        try (Qemu running = Qemu.start(service.running("web1", Images.with(qemu, monitor.options())))) {
            monitor.await();
            String label = Attributes.label(tree).orElseThrow();
            assertThat(label).contains("svirt_image_t:s0:c");
            assertThat(Attributes.label(below)).hasValue(label);
            assertThat(Attributes.label(file)).hasValue(label);
            running.kill();
        }
        service.awaitGone("web1");
        assertThat(Attributes.of(tree)).isEqualTo(before);
    }

    @Test
    void the_memory_of_the_host_is_no_vms_by_any_name() throws IOException {
        Command.done("mknod", temporary.resolve("serial").toString(), "c", "1", "1");
        for (Path node : List.of(temporary.resolve("serial"), Path.of("/dev/mem"))) {
            Reply refused = service.start(
                    "web1", Images.with(Images.qemuWithRaw(disk), List.of("-chardev", "serial,id=s,path=" + node)));
            assertThat(refused.status()).isEqualTo(422);
            assertThat(refused.body().toString()).contains(node.toString());
        }
    }
}
