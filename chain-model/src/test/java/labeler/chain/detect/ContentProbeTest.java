package labeler.chain.detect;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import labeler.chain.FileName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ContentProbeTest {
    @ParameterizedTest
    @CsvSource({
        "514649fb00000002, qcow2",
        "514649fb00000003, qcow2",
        "514649fb00000004, qcow2",
        "514649fbffffffff, qcow2",
        "514649fb00000001, qcow",
        "51454400, qed",
        "4b444d56, vmdk",
        "434f5744, vmdk",
        "636f6e6563746978, vpc",
        "7668647866696c65, vhdx",
        "576974686f7574467265655370616365, parallels",
        "576974686f75467265537061634578 74, parallels",
        "4c554b53babe0001, luks",
        "4c554b53babe0002, luks",
        "4f4f4f4d00000002, cow",
    })
    void each_magic_is_known(String hex, String format) {
        byte[] magic = HexFormat.of().parseHex(hex.replace(" ", ""));
        assertThat(claims(magic)).containsExactly(format);
        byte[] cut = Arrays.copyOf(magic, 3);
        assertThat(ContentProbe.claims(ByteBuffer.wrap(cut), FileName.of("x"))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"'Bochs Virtual HD Image', bochs", "koly, dmg"})
    void each_text_magic_is_known(String magic, String format) {
        assertThat(claims(magic)).containsExactly(format);
    }

    @Test
    void the_magic_of_vdi_is_behind_its_text() {
        byte[] start = new byte[512];
        ByteBuffer.wrap(start).putInt(64, 0x7f10dabe);
        assertThat(claims(start)).containsExactly("vdi");
    }

    @Test
    void a_compressed_loop_is_known_by_its_script() {
        assertThat(claims("#!/bin/sh\n#V2.0 Format\nmodprobe cloop")).containsExactly("cloop");
        assertThat(claims("#!/bin/sh\nexit\n")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "version=1\n",
                "version=2\r\n",
                "# Disk DescriptorFile\nversion=3\n",
                "# a\n#b\n   \n \r\nversion=1\nCID=1\n",
                "#\r\nversion=1\n"
            })
    void a_vmdk_descriptor_begins_with_its_version(String text) {
        assertThat(claims(text)).containsExactly("vmdk");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "version = 1\n",
                "version=4\n",
                "version=10\n",
                "\nversion=1\n",
                "\r\nversion=1\n",
                "\tversion=1\n",
                " version=1\n",
                "\ufeffversion=1\n",
                "CID=1\nversion=1\n",
                "Version=1\n",
                "#version=1\n"
            })
    void other_text_is_no_vmdk_descriptor(String text) {
        assertThat(claims(text)).isEmpty();
    }

    @Test
    void a_version_line_that_may_go_on_is_no_descriptor() {
        byte[] text = "version=1".getBytes(StandardCharsets.US_ASCII);
        assertThat(ContentProbe.claims(ByteBuffer.wrap(text), FileName.of("x"))).isEmpty();
    }

    @Test
    void version_0_of_qcow_is_none() {
        assertThat(claims(HexFormat.of().parseHex("514649fb00000000"))).isEmpty();
    }

    @Test
    void two_magics_are_two_claims() {
        byte[] start = new byte[512];
        ByteBuffer.wrap(start).putInt(0, 0x514649fb).putInt(4, 3).putInt(64, 0x7f10dabe);
        assertThat(claims(start)).containsExactly("qcow2", "vdi");
    }

    @Test
    void a_name_counts_only_where_the_content_says_nothing() {
        ByteBuffer zeros = ByteBuffer.allocate(512);
        assertThat(ContentProbe.claims(zeros, FileName.of("a.dmg"))).containsExactly("dmg");
        assertThat(ContentProbe.claims(zeros, FileName.of(".dmg"))).isEmpty();
        assertThat(ContentProbe.claims(zeros, FileName.of("a.DMG"))).isEmpty();
        ByteBuffer qcow2 = ByteBuffer.allocate(512).putInt(0, 0x514649fb).putInt(4, 3);
        assertThat(ContentProbe.claims(qcow2, FileName.of("a.dmg"))).containsExactly("qcow2");
    }

    @Test
    void zeros_and_nothing_are_nothing() {
        assertThat(claims(new byte[0])).isEmpty();
        assertThat(ContentProbe.claims(ByteBuffer.allocate(0), FileName.of("x")))
                .isEmpty();
    }

    private static List<String> claims(String start) {
        return claims(start.getBytes(StandardCharsets.UTF_8));
    }

    private static List<String> claims(byte[] start) {
        return ContentProbe.claims(ByteBuffer.wrap(Arrays.copyOf(start, ContentProbe.LENGTH)), FileName.of("x"));
    }
}
