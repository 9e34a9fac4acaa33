package labeler.vm.qemu.block;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import labeler.linux.HostPath;
import labeler.vm.qemu.option.QemuCommandLine;
import org.junit.jupiter.api.Test;

class NodeTreeTest {
    private static final String FILE_A = "driver=file,node-name=a,filename=/a";

    private static NodeTree tree(String... options) {
        QemuCommandLine line = QemuCommandLine.read(
                Stream.concat(Stream.of("qemu-system-x86_64"), Stream.of(options))
                        .map(option -> option.getBytes(StandardCharsets.UTF_8))
                        .toList(),
                HostPath.of("/vm"));
        assertThat(line.definition().problems()).isEmpty();
        return line.nodes();
    }

    /** {@code 2 file.file}, …. */
    private static String text(NodePlace place) {
        return (place.option().position() + " " + String.join(".", place.keys())).strip();
    }

    private static List<String> openings(NodeTree tree) {
        return tree.openings().stream()
                .map(opening -> text(opening.node().place()) + (opening.quiet() ? " quiet" : ""))
                .toList();
    }

    @Test
    void a_node_is_found_by_its_name_in_its_place() {
        NodeTree tree = tree(
                "-m",
                "64",
                "-blockdev",
                "{\"driver\":\"quorum\",\"node-name\":\"q\",\"vote-threshold\":1,\"children\":[{\"driver\":\"raw\","
                        + "\"file\":{\"driver\":\"file\",\"node-name\":\"inner\",\"filename\":\"/q\"}}]}",
                "-drive",
                "format=qcow2,file.filename=/d,file.node-name=below");

        assertThat(tree.named("inner").map(Node::place).map(NodeTreeTest::text)).contains("2 children.0.file");
        assertThat(tree.named("below").map(Node::place).map(NodeTreeTest::text)).contains("4 file");
        assertThat(tree.named("q").map(Node::driver)).contains(BlockDriver.QUORUM);
        assertThat(tree.named("other")).isEmpty();
    }

    @Test
    void disks_stand_in_the_order_of_the_command_line() {
        NodeTree tree = tree("-hda", "/h", "-blockdev", FILE_A, "-drive", "if=none,id=empty", "/image");

        assertThat(tree.disks()).extracting(disk -> disk.place().position()).containsExactly(0, 2, 6);
    }

    @Test
    void what_others_build_on_is_opened_with_them_and_before_them() {
        assertThat(openings(tree("-blockdev", FILE_A, "-blockdev", "driver=qcow2,node-name=q,file=a,backing=")))
                .containsExactly("0", "2");
    }

    @Test
    void a_node_is_opened_once_for_each_way_of_using_it() {
        assertThat(openings(tree(
                        "-blockdev",
                        "driver=file,node-name=a,filename=/a,auto-read-only=on",
                        "-blockdev",
                        "driver=raw,node-name=r,file=a,read-only=on",
                        "-blockdev",
                        "driver=raw,node-name=w,file=a")))
                .containsExactly("0 quiet", "0");
    }

    @Test
    void what_a_node_does_not_say_it_inherits() {
        NodeTree tree = tree(
                "-drive",
                "file.filename=/d,format=qcow2,readonly=on,cache=none,file.node-name=f",
                "-blockdev",
                "driver=blklogwrites,node-name=w,read-only=on,file.driver=file,file.filename=/w,"
                        + "log.driver=file,log.filename=/l,log.node-name=l,file.cache.direct=on,file.node-name=x");

        assertThat(tree.named("f")).hasValueSatisfying(node -> {
            assertThat(node.readOnly()).isTrue();
            assertThat(node.direct()).isTrue();
        });
        assertThat(tree.named("l")).hasValueSatisfying(node -> {
            assertThat(node.readOnly()).as("a log is always written").isFalse();
            assertThat(node.direct()).isFalse();
        });
        assertThat(tree.named("x").map(Node::direct)).contains(true);
    }

    @Test
    void a_child_under_a_key_that_the_driver_does_not_have_is_none() {
        NodeTree tree =
                tree("-blockdev", FILE_A, "-blockdev", "driver=rbd,node-name=r,pool=p,image=a", "-device", "d,drive=r");

        assertThat(openings(tree)).containsExactly("0");
    }

    @Test
    void the_file_that_a_header_is_read_from_is_found_through_filters() {
        NodeTree tree = tree(
                "-blockdev",
                FILE_A,
                "-blockdev",
                "driver=throttle,throttle-group=g,node-name=t,file=a",
                "-blockdev",
                "driver=qcow2,node-name=q,file=t");

        assertThat(tree.named("q").flatMap(tree::file).flatMap(Node::name)).contains("a");
        assertThat(tree.named("a").flatMap(tree::file)).isEmpty();
    }
}
