package labeler.chain.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import labeler.chain.Chain;
import labeler.chain.Problem;
import labeler.chain.testing.DirectoryOpener;
import labeler.chain.testing.ImageDirectory;
import labeler.chain.testing.OtherImages;
import labeler.chain.testing.Qcow2Builder;
import labeler.chain.testing.RequiresCommands;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Backing files given as JSON: qemu opens exactly the files that they name here. */
@RequiresCommands({"qemu-io", "strace", "prlimit"})
class JsonOracleTest {
    @TempDir
    private Path directory;

    private ImageDirectory images;

    @BeforeEach
    void start() {
        images = new ImageDirectory(directory);
        images.raw("a").raw("b").write("q", Qcow2Builder.v3()).write("d", OtherImages.vdi(1));
    }

    /** With the format that the header records, which overrides the driver of the whole. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "raw | {\"driver\":\"raw\",\"file\":{\"driver\":\"file\",\"filename\":\"a\"}}",
                "raw | {'driver':'qcow2','file.driver':'file','file.filename':'a'}",
                "file | {'driver':'file','filename':'a'}",
                "file | {'filename':'a'}",
                "raw | {'file.filename':'a','driver':'raw','offset':512,'size':512}",
                "raw | {\"driver\":\"raw\",\"file\":{\"driver\":\"file\",\"filename\":\"\\u0061\"}}",
                "raw |  {\t'file' : { 'filename' :'a' } } ",
                "quorum | {'driver':'quorum','vote-threshold':1,'children.0.file.filename':'a',"
                        + "'children.0.driver':'raw','children.1':{'driver':'file','filename':'b'}}",
                "quorum | {'driver':'quorum','vote-threshold':1,'children':[{'driver':'file','filename':'a'},"
                        + "{'driver':'file','filename':'b'}]}",
                "raw | {'driver':'raw','file':{'driver':'blkdebug','image':{'driver':'file','filename':'a'}}}",
                "raw | {'driver':'raw','file':{'driver':'blkverify','test.driver':'file','test.filename':'a',"
                        + "'raw.filename':'b'}}",
                "copy-on-read | {'driver':'copy-on-read','file':{'driver':'qcow2','file.filename':'q'}}",
                "raw | {'driver':'raw','file':{'driver':'qcow2','file':{'filename':'q'},'backing':null}}",
                "qcow2 | {'file':{'filename':'q'},'backing':{'driver':'vdi','file':{'filename':'d'}}}",
            })
    void what_is_named_is_what_qemu_opens(String format, String json) {
        assertNamedIsOpened(format, json);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "raw | {\"driver\":\"raw\",\"file\":{\"driver\":\"file\",\"filename\":\"HERE/a\"}}",
                "raw | {'driver':'qcow2','file.driver':'file','file.filename':'HERE/a'}",
                "raw | {'file.filename':'HERE/a'}",
                "qcow2 | {'driver':'raw','file':{'filename':'HERE/q'}}",
                "vdi | {'driver':'vdi','file':{'driver':'file','filename':'HERE/d'}}",
            })
    void a_plain_file_is_followed_as_qemu_does(String format, String json) {
        try (Chain<DirectoryOpener.OpenedFile> chain =
                written(format, json.replace("HERE", images.path().toString()))) {
            assertThat(chain.isComplete()).isTrue();
            Set<Path> followed = new TreeSet<>();
            chain.nodes().forEach(node -> followed.add(RealPath.of(node.file().path())));
            Qemu.Opened opened = new Qemu(directory).openedFor("qcow2", "top");
            assertThat(opened.succeeded()).as(opened.output()).isTrue();
            assertThat(opened.files()).isEqualTo(followed);
            assertThat(followed).hasSizeGreaterThan(1);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{",
                "{'filename':'a'",
                "{'filename':'a'}x",
                "{'filename':'a'}}",
                "{'filename':'a',}",
                "{'filename':'a','filename':'a'}",
                "{filename:'a'}",
                "{'filename':'a\"}",
                "{'filename':'\\x61'}",
                "{'filename':'\\u00g1'}",
                "{'filename':'a\\u0000'}",
                "{'filename':'a','x':01}",
                "{'filename':'a','x':+1}",
                "{'filename':'a','x':nul}",
            })
    void what_is_broken_qemu_refuses(String json) {
        try (Chain<DirectoryOpener.OpenedFile> chain = written("raw", json)) {
            assertThat(chain.problems()).hasSize(1);
        }
        Qemu.Opened opened = new Qemu(directory).openedFor("qcow2", "top");
        assertThat(opened.succeeded()).as(opened.output()).isFalse();
        assertThat(opened.files()).containsExactly(RealPath.of(images.path("top")));
    }

    private Chain<DirectoryOpener.OpenedFile> written(String format, String json) {
        images.write("top", Qcow2Builder.overlay("json:" + json, format));
        return images.walk("top");
    }

    private void assertNamedIsOpened(String format, String json) {
        Set<Path> named = new TreeSet<>();
        try (Chain<DirectoryOpener.OpenedFile> chain = written(format, json)) {
            assertThat(chain.problems()).noneMatch(problem -> problem.kind() == Problem.Kind.MALFORMED);
            named.add(RealPath.of(images.path("top")));
            chain.external().stream()
                    .filter(external -> !external.reference().startsWith("json:"))
                    .forEach(external -> named.add(
                            RealPath.of(images.path(external.reference().toString()))));
        }
        Qemu.Opened opened = new Qemu(directory).openedFor("qcow2", "top");
        assertThat(opened.files()).as(json + opened.output()).isEqualTo(named);
    }
}
