package labeler.selinux;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StoredLabelTest {
    private static final String OWN = "system_u:object_r:svirt_image_t:s0:c12,c345";

    private static StoredLabel label(String text) {
        return StoredLabel.of(text.getBytes(ISO_8859_1));
    }

    @Test
    void a_NUL_at_the_end_means_nothing_and_is_kept() {
        StoredLabel with = label(OWN + "\0");
        StoredLabel without = label(OWN);
        assertEquals(with, without);
        assertEquals(with.hashCode(), without.hashCode());
        assertEquals(0, with.compareTo(without));
        assertFalse(with.hasSameBytes(without));
        assertEquals(OWN.length() + 1, with.bytes().length);
        assertNotEquals(with, label(OWN + "\0\0"));
    }

    @Test
    void labels_are_in_the_order_of_their_bytes() {
        assertEquals(
                List.of(label(""), label("a"), label("ab"), label("b"), label("\u00e9")),
                List.copyOf(new TreeSet<>(Set.of(label("\u00e9"), label("b"), label("ab\0"), label("a"), label("")))));
    }

    @Test
    void the_level_is_behind_the_third_colon() {
        assertEquals(
                Optional.of(new Level(0, CategoryPair.of(12, 345))), label(OWN).level());
        assertEquals(label(OWN).level(), label(OWN + "\0").level());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "\0",
                ":::",
                "system_u:object_r:svirt_image_t",
                "system_u:object_r:svirt_image_t:s0",
                "system_u:object_r:s0:c12,c345",
                OWN + ":s0",
                OWN + "\0\0",
                "x:" + OWN
            })
    void anything_else_has_no_level(String text) {
        assertEquals(Optional.empty(), label(text).level());
    }

    @Test
    void a_label_is_for_the_VM_that_has_its_pair() {
        StoredLabel content = label("system_u:object_r:virt_content_t:s0");
        assertTrue(label("user_u:object_r:mnt_t:s0:c345,c12").isFor(List.of(content, label(OWN))));
        assertTrue(content.isFor(List.of(content)));
        assertFalse(content.isFor(List.of(label("system_u:object_r:mnt_t:s0"))));
        assertFalse(label("system_u:object_r:svirt_image_t:s0:c12,c346").isFor(List.of(content, label(OWN))));
    }
}
