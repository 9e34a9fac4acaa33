package labeler.vm.libvirt.copy;

import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Predicate;
import javax.xml.XMLConstants;
import javax.xml.parsers.ParserConfigurationException;
import javax.xml.parsers.SAXParserFactory;
import javax.xml.transform.OutputKeys;
import javax.xml.transform.TransformerConfigurationException;
import javax.xml.transform.TransformerFactory;
import javax.xml.transform.sax.SAXTransformerFactory;
import javax.xml.transform.sax.TransformerHandler;
import javax.xml.transform.stream.StreamResult;
import org.xml.sax.Attributes;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;
import org.xml.sax.SAXParseException;
import org.xml.sax.XMLReader;
import org.xml.sax.ext.DefaultHandler2;
import org.xml.sax.helpers.AttributesImpl;

/**
 * Copies XML from hostile places, with another child of its root. Comments, marked sections and the order of attributes stay.
 * Neither a document type nor an entity is read.
 */
public final class XmlCopy extends DefaultHandler2 {
    private static final String LEXICAL = "http://xml.org/sax/properties/lexical-handler";

    /** Elements within one another. The JDK allows a hundred, and libvirt writes a chain of two hundred layers so. */
    private static final String MOST_DEPTH = "300";

    private final TransformerHandler out;
    private final OneChild child;
    private int depth;
    private boolean isWritten;

    /** Within the child that is left out. */
    private boolean isLeavingOut;

    private XmlCopy(TransformerHandler out, OneChild child) {
        this.out = out;
        this.child = child;
    }

    /**
     * A child of the root, with one child of its own.
     *
     * @param isReplaced whether a child of that name, with these attributes, is the one in whose place it stands; if there is
     *     none, it becomes the last
     * @param attributes beside those of the one that it replaces
     * @param inner the name of its own child
     * @param text the text of that
     */
    public record OneChild(
            String name,
            Predicate<Map<String, String>> isReplaced,
            Map<String, String> attributes,
            String inner,
            String text) {}

    /**
     * The copy.
     *
     * @throws SAXException if it is not well-formed, has a document type, or is beyond the limits of the JDK
     */
    public static String of(String xml, OneChild child) throws SAXException {
        StringWriter text = new StringWriter();
        try {
            TransformerHandler out = serializer();
            out.setResult(new StreamResult(text));
            XmlCopy copy = new XmlCopy(out, child);
            XMLReader reader = reader();
            reader.setContentHandler(copy);
            reader.setErrorHandler(copy);
            reader.setEntityResolver(copy);
            reader.setProperty(LEXICAL, copy);
            reader.parse(new InputSource(new StringReader(xml)));
        } catch (IOException | ParserConfigurationException | TransformerConfigurationException e) {
            throw new SAXException(e);
        }
        return text.toString();
    }

    private static XMLReader reader() throws SAXException, ParserConfigurationException {
        SAXParserFactory factory = SAXParserFactory.newDefaultNSInstance();
        factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
        factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
        XMLReader reader = factory.newSAXParser().getXMLReader();
        reader.setProperty("jdk.xml.maxElementDepth", MOST_DEPTH);
        return reader;
    }

    private static TransformerHandler serializer() throws TransformerConfigurationException {
        SAXTransformerFactory factory = (SAXTransformerFactory) TransformerFactory.newDefaultInstance();
        factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
        TransformerHandler out = factory.newTransformerHandler();
        out.getTransformer().setOutputProperty(OutputKeys.OMIT_XML_DECLARATION, "yes");
        return out;
    }

    @Override
    public void startDocument() throws SAXException {
        out.startDocument();
    }

    @Override
    public void endDocument() throws SAXException {
        out.endDocument();
    }

    @Override
    public void startElement(String uri, String name, String qualified, Attributes attributes) throws SAXException {
        depth++;
        if (isLeavingOut) {
            return;
        }
        if (depth == 2 && !isWritten && uri.isEmpty() && name.equals(child.name()) && isReplaced(attributes)) {
            isLeavingOut = true;
            write(new AttributesImpl(attributes));
        } else {
            out.startElement(uri, name, qualified, attributes);
        }
    }

    private boolean isReplaced(Attributes attributes) {
        Map<String, String> plain = new HashMap<>();
        for (int i = 0; i < attributes.getLength(); i++) {
            if (attributes.getURI(i).isEmpty()) {
                plain.put(attributes.getLocalName(i), attributes.getValue(i));
            }
        }
        return child.isReplaced().test(plain);
    }

    @Override
    public void endElement(String uri, String name, String qualified) throws SAXException {
        if (!isLeavingOut) {
            if (depth == 1 && !isWritten) {
                write(new AttributesImpl());
            }
            out.endElement(uri, name, qualified);
        } else if (depth == 2) {
            isLeavingOut = false;
        }
        depth--;
    }

    private void write(AttributesImpl attributes) throws SAXException {
        isWritten = true;
        child.attributes().forEach((name, value) -> {
            int at = attributes.getIndex("", name);
            if (at >= 0) {
                attributes.setValue(at, value);
            } else {
                attributes.addAttribute("", name, name, "CDATA", value);
            }
        });
        out.startElement("", child.name(), child.name(), attributes);
        out.startElement("", child.inner(), child.inner(), new AttributesImpl());
        out.characters(child.text().toCharArray(), 0, child.text().length());
        out.endElement("", child.inner(), child.inner());
        out.endElement("", child.name(), child.name());
    }

    @Override
    public void characters(char[] text, int start, int length) throws SAXException {
        if (!isLeavingOut) {
            out.characters(text, start, length);
        }
    }

    @Override
    public void processingInstruction(String target, String data) throws SAXException {
        if (!isLeavingOut) {
            out.processingInstruction(target, data);
        }
    }

    @Override
    public void startPrefixMapping(String prefix, String uri) throws SAXException {
        if (!isLeavingOut) {
            out.startPrefixMapping(prefix, uri);
        }
    }

    @Override
    public void endPrefixMapping(String prefix) throws SAXException {
        if (!isLeavingOut) {
            out.endPrefixMapping(prefix);
        }
    }

    @Override
    public void comment(char[] text, int start, int length) throws SAXException {
        if (!isLeavingOut) {
            out.comment(text, start, length);
        }
    }

    @Override
    public void startCDATA() throws SAXException {
        if (!isLeavingOut) {
            out.startCDATA();
        }
    }

    @Override
    public void endCDATA() throws SAXException {
        if (!isLeavingOut) {
            out.endCDATA();
        }
    }

    @Override
    public InputSource resolveEntity(String name, String publicId, String base, String systemId) throws SAXException {
        throw new SAXException("an external entity");
    }

    @Override
    public void fatalError(SAXParseException e) throws SAXException {
        throw e;
    }
}
