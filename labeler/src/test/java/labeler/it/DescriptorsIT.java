package labeler.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import labeler.vm.qemu.handover.RewriteResult;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An unmodified qemu starts with descriptors in place of all names on a file system that stores no labels. */
class DescriptorsIT {
    private static final long SIZE = 1 << 20;
    private static final String CHAIN = "3-deep chain with a data file";

    @TempDir
    Path temporary;

    private @Nullable Mounted mounted;
    private Mounted memory;
    private DescriptorLaunch launch;

    @SuppressWarnings("NullAway.Init") // JUnit calls prepare() first
    DescriptorsIT() {}

    @BeforeEach
    void prepare() throws IOException {
        Machine.requireRootAnd("qemu-system-x86_64", "qemu-img", "qemu-io", "strace", "gcc");
        memory = Mounted.ramfs(temporary.resolve("memory"));
        mounted = memory;
        launch = DescriptorLaunch.compiled(temporary, List.of(memory.directory()));
        create("base", "qcow2", List.of(Long.toString(SIZE)));
        write("base", "qcow2", 1, 0, 1, 2, 3);
        create("mid", "qcow2", List.of("-b", "base", "-F", "qcow2"));
        write("mid", "qcow2", 2, 1, 4);
        create("top", "qcow2", List.of("-b", "mid", "-F", "qcow2", "-o", "data_file=memory/top.data"));
        write("top", "qcow2", 3, 2, 5);
        create("raw", "raw", List.of(Long.toString(SIZE)));
        write("raw", "raw", 4, 0, 7);
    }

    @AfterEach
    void unmount() {
        if (mounted != null) {
            mounted.close();
        }
    }

    private void create(String name, String format, List<String> more) throws IOException {
        List<String> command =
                new ArrayList<>(List.of("env", "-C", temporary.toString(), "qemu-img", "create", "-q", "-f", format));
        int options = more.size() == 1 ? 0 : more.size();
        command.addAll(more.subList(0, options));
        command.add("memory/" + name);
        command.addAll(more.subList(options, more.size()));
        Command.done(command.toArray(String[]::new));
    }

    private void write(String name, String format, int pattern, int... clusters) throws IOException {
        List<String> command = new ArrayList<>(List.of("env", "-C", temporary.toString(), "qemu-io", "-f", format));
        for (int cluster : clusters) {
            command.add("-c");
            command.add("write -P " + pattern + " " + cluster * 64 + "k 64k");
        }
        command.add("memory/" + name);
        Command.done(command.toArray(String[]::new));
    }

    private RewriteResult.Rewritten rewritten(List<String> options) {
        assertThat(launch.rewrite(options)).isInstanceOf(RewriteResult.Rewritten.class);
        return (RewriteResult.Rewritten) launch.rewrite(options);
    }

    private void readsTheSameByDescriptors(String disk, String... options) throws IOException {
        var original = launch.original(List.of(options), List.of(disk));
        var rewritten = launch.rewritten(rewritten(List.of(options)), List.of(disk));

        assertThat(original.tried()).anyMatch(path -> path.startsWith(memory.directory() + "/"));
        assertThat(original.contents().getFirst()).contains(1, 2, 3);
        rewritten.readsAs(original);
        assertThat(rewritten.tried()).isEmpty();
        assertThat(rewritten.complaints()).isEmpty();
    }

    @ParameterizedTest(name = CHAIN + ": {0}")
    @ValueSource(
            strings = {
                "if=none,id=d,format=qcow2,file=memory/top",
                "if=none,id=d,format=qcow2,file=memory/top,readonly=on",
                "if=none,id=d,format=qcow2,file=memory/top,snapshot=on",
                "if=none,id=d,format=qcow2,file=memory/top,snapshot=on,readonly=off,cache=unsafe",
                "if=none,id=d,format=qcow2,file=memory/top,media=cdrom",
                "if=none,id=d,format=qcow2,file=memory/top,detect-zeroes=unmap,discard=unmap",
                "if=none,id=d,format=qcow2,file=memory/top,backing.driver=qcow2,backing.file.filename=memory/mid",
                "if=none,id=d,driver=qcow2,file.driver=file,file.filename=memory/top,file.locking=off",
                "if=none,id=d,file=json:{\"driver\":\"qcow2\",,\"file\":{\"driver\":\"file\",,\"filename\":"
                        + "\"memory/top\"}}",
            })
    void a_drive_reads_the_same(String drive) throws IOException {
        readsTheSameByDescriptors("d", "-M", "none", "-drive", drive);
    }

    @ParameterizedTest(name = CHAIN + ": {0}")
    @ValueSource(
            strings = {
                "{\"driver\":\"qcow2\",\"node-name\":\"d\",\"file\":{\"driver\":\"file\",\"filename\":\"memory/top\"}}",
                "{\"driver\":\"qcow2\",\"node-name\":\"d\",\"read-only\":true,\"file\":{\"driver\":\"file\","
                        + "\"filename\":\"memory/top\",\"auto-read-only\":true}}",
                "{\"driver\":\"qcow2\",\"node-name\":\"d\",\"cache\":{\"no-flush\":true},\"file\":{\"driver\":"
                        + "\"raw\",\"file\":{\"driver\":\"file\",\"filename\":\"memory/top\"}}}",
                "qcow2,node-name=d,file.driver=file,file.filename=memory/top,data-file.driver=file,"
                        + "data-file.filename=memory/top.data",
                "qcow2,node-name=d,file.driver=file,file.filename=memory/top,file.auto-read-only=on,read-only=on",
            })
    void a_block_node_reads_the_same(String node) throws IOException {
        readsTheSameByDescriptors("d", "-M", "none", "-blockdev", node);
    }

    @Test
    void nodes_as_libvirt_writes_them_read_the_same() throws IOException {
        readsTheSameByDescriptors(
                "t",
                "-M",
                "none",
                "-blockdev",
                "{\"driver\":\"file\",\"filename\":\"memory/mid\",\"node-name\":\"mf\",\"auto-read-only\":true,"
                        + "\"discard\":\"unmap\"}",
                "-blockdev",
                "{\"node-name\":\"m\",\"read-only\":true,\"driver\":\"qcow2\",\"file\":\"mf\"}",
                "-blockdev",
                "{\"driver\":\"file\",\"filename\":\"memory/top\",\"node-name\":\"tf\",\"auto-read-only\":true,"
                        + "\"discard\":\"unmap\"}",
                "-blockdev",
                "{\"node-name\":\"t\",\"read-only\":false,\"driver\":\"qcow2\",\"file\":\"tf\",\"backing\":\"m\"}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"-hda ide0-hd0", "-hdb ide0-hd1", "-hdc ide1-hd0", "-hdd ide1-hd1", "-cdrom ide1-cd0"})
    void a_short_form_reads_the_same(String optionAndDisk) throws IOException {
        String[] words = optionAndDisk.split(" ", -1);
        String raw = "memory/raw";
        List<String> options = List.of("-M", "pc", "-m", "8", words[0], raw);

        var original = launch.original(options, List.of(words[1]));
        var rewritten = launch.rewritten(rewritten(options), List.of(words[1]));

        assertThat(original.contents().getFirst()).contains(4);
        rewritten.readsAs(original);
        assertThat(rewritten.tried()).isEmpty();
        assertThat(rewritten.complaints()).isEmpty();
    }

    @Test
    void disks_of_every_kind_start_together() throws IOException {
        create("flash", "raw", List.of("256k"));
        create("floppy", "raw", List.of("1440k"));
        create("second", "qcow2", List.of("-b", "base", "-F", "qcow2"));

        List<String> disks = List.of("virtio0", "floppy0", "pflash0", "ide0-hd0", "d");
        List<String> options = List.of(
                "-M",
                "pc",
                "-m",
                "8",
                "-drive",
                "if=virtio,format=qcow2,file=memory/top",
                "-fda",
                "memory/floppy",
                "-drive",
                "if=pflash,format=raw,readonly=on,file=memory/flash",
                "-blockdev",
                "qcow2,node-name=d,file.driver=file,file.filename=memory/second",
                "-device",
                "virtio-blk-pci,drive=d,share-rw=on",
                "-serial",
                "file:memory/serial.log",
                "-chardev",
                "file,id=c,path=memory/c,append=on,logfile=memory/c.log",
                "memory/raw");

        var rewritten = launch.rewritten(rewritten(options), disks);

        assertThat(rewritten.tried()).isEmpty();
        assertThat(rewritten.complaints()).isEmpty();
        rewritten.readsAs(launch.original(options, disks));
    }

    @Test
    void variables_of_the_firmware_and_a_packet_capture_are_descriptors_too() throws IOException {
        create("variables", "raw", List.of("0"));
        List<String> options = List.of(
                "-M",
                "q35",
                "-m",
                "8",
                "-device",
                "uefi-vars-x64,jsonfile=memory/variables",
                "-device",
                "usb-ehci",
                "-device",
                "usb-tablet,pcap=memory/capture");

        var rewritten = launch.rewritten(rewritten(options), List.of());

        assertThat(rewritten.tried()).isEmpty();
        assertThat(rewritten.complaints()).isEmpty();
    }
}
