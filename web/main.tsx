/** Starts the page. It does not deal with what is on it (app.tsx). */
import '@mantine/core/styles.css';
import '@mantine/notifications/styles.css';
import './app.css';
import {createRoot} from 'react-dom/client';
import {App} from './app.tsx';

const root = document.getElementById('root');
if (root === null) throw new Error('The page has no place to draw in');
createRoot(root).render(<App />);
